-- name: clusters
select id, merged::text, record_ids, members, datestamp, work_key, visibility, status, seq, public_members
from cluster where id = any(%(ids)s) and (status <> 'live' or merged is not null)

-- name: redirect
select old_id, new_id from cluster_redirect where old_id = any(%(ids)s)

-- name: changed
select id, merged::text, record_ids, members, datestamp, work_key, visibility, status, seq, public_members
from cluster where seq > %(after)s and (status <> 'live' or merged is not null) order by seq limit %(limit)s

-- name: holdings
select c.id, array_agg(h.record_id order by r.member, r.source, r.local_id, h.id),
       array_agg((case when r.visibility = 'staff' then 'staff' else h.visibility end) order by r.member, r.source, r.local_id, h.id),
       '[' || string_agg(h.body::text, ',' order by r.member, r.source, r.local_id, h.id) || ']'
from cluster c
join record r on r.id = any(c.record_ids)
join holding h on h.record_id = r.id
where c.id = any(%(ids)s)
group by c.id

-- name: records
select r.id, r.member, r.source, r.local_id, r.schema, r.visibility, r.changed_at, r.bib::text, r.findings::text, c.id
from cluster c join record r on r.id = any(c.record_ids)
where c.id = any(%(ids)s)
order by c.id, r.member, r.source, r.local_id

-- name: raw
select id, member, source, local_id, container, encoding, context, bytes, datestamp, deleted, problem, file, position, byte_offset
from raw_record where id = %(id)s

-- name: edge
select score, decision, vetoes, reasons, version from match_edge where a = %(a)s and b = %(b)s

-- name: features
select id, feature from record where id = any(%(ids)s) and status = 'live' and feature is not null

-- name: pin
select verdict from pin where a = %(a)s and b = %(b)s and revoked_at is null

-- name: same_work
select id, merged::text, record_ids, members, datestamp, work_key, visibility, status, seq, public_members
from cluster where work_key = %(work_key)s and status = 'live' and merged is not null and id <> %(id)s order by id limit %(limit)s

-- name: review
select a, b, score, decision, vetoes, reasons, version
from match_edge e
where decision = 'review' and (score, a, b) < (%(score)s, %(a)s, %(b)s)
  and not exists (select from pin p where p.a = e.a and p.b = e.b and p.revoked_at is null)
order by score desc, a desc, b desc limit %(limit)s

-- name: cluster_of
select id, cluster_id from record where id = any(%(ids)s) and status = 'live' and cluster_id is not null
