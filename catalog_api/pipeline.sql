-- name: quarantined
select q.record_id, r.member, r.source, r.local_id, r.file, r.position, r.byte_offset, q.code, q.args, octet_length(r.bytes)
from quarantine q join raw_record r on r.id = q.record_id
where %(member)s::text is null or r.member = %(member)s
order by r.member, r.file, r.position

-- name: quarantined_of
select record_id, code, args from quarantine where record_id = any(%(ids)s)

-- name: due
select count(*) from record where match_due

-- name: record_named
select id from record where member = %(member)s and local_id = %(local_id)s order by source limit 1

-- name: record_numbered
select id from record where id = %(id)s
