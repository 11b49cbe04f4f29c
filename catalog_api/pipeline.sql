-- name: quarantined
select q.record_id, r.member, r.source, r.local_id, r.file, r.position, r.byte_offset, q.code, q.args, octet_length(r.bytes)
from quarantine q join raw_record r on r.id = q.record_id
where %(member)s::text is null or r.member = %(member)s
order by r.member, r.file, r.position

-- name: quarantined_counts
select m.name, q.code, count(*)
from harvest_met m, unnest(m.raw_ids) as met (id) join quarantine q on q.record_id = met.id
where m.window_id = %(window)s
group by 1, 2

-- name: quarantined_examples
select code, args, local_id, byte_offset
from (
    select q.code, q.args, r.local_id, r.byte_offset, row_number() over (partition by q.code order by r.file, r.position, r.id) as place
    from harvest_met m, unnest(m.raw_ids) as met (id)
    join quarantine q on q.record_id = met.id
    join raw_record r on r.id = met.id
    where m.window_id = %(window)s
) as numbered
where place <= %(count)s
order by code, place

-- name: received
select id from raw_record where %(member)s::text is null or member = %(member)s order by id

-- name: unfinished
select (select count(*) from raw_record r left join record n on n.id = r.id where n.id is null or n.raw_seq <> r.seq),
    (select count(*) from record where match_due)

-- name: last_runs
select distinct on (member, source) member, source, state, error from harvest_window order by member, source, id desc

-- name: record_named
select id from record where member = %(member)s and local_id = %(local_id)s order by source limit 1

-- name: record_numbered
select id from record where id = %(id)s
