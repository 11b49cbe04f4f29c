-- name: raw
select id, seq, member, source, local_id, container, encoding, context, bytes, deleted, problem, datestamp, file, position, byte_offset
from raw_record where id = any(%(ids)s) order by id

-- Locked, so that of two processes that describe a record at a time the second sees what the first has written.
-- name: known
select id from record where id = any(%(ids)s) order by id for update

-- name: waiting
select r.id from raw_record r left join record n on n.id = r.id
where (n.id is null or n.raw_seq <> r.seq)
  and (%(member)s::text is null or (r.member = %(member)s and r.source = %(source)s))
order by r.id

-- name: stage
create temp table if not exists incoming_record (
    id bigint, raw_seq bigint, member text, source text, local_id text, status text, visibility text, schema text, bib json, feature bytea, findings jsonb
) on commit delete rows

-- name: replace
update record n set
    raw_seq = i.raw_seq, status = i.status, visibility = i.visibility, schema = i.schema, bib = i.bib, feature = i.feature,
    findings = i.findings, match_due = true, changed_at = now()
from incoming_record i where n.id = i.id

-- name: forget
with ids as (select unnest(%(ids)s::bigint[]) as id),
     h as (delete from holding using ids where record_id = ids.id),
     k as (delete from match_key using ids where record_id = ids.id)
delete from quarantine using ids where record_id = ids.id

-- name: forget_quarantine
delete from quarantine where record_id = any(%(ids)s)

-- name: keep_last_good
update record n set raw_seq = r.seq from raw_record r where r.id = n.id and n.id = any(%(ids)s)

-- name: copy_keys
copy match_key (key, record_id) from stdin (format binary)
