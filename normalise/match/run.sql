-- name: lock
select pg_advisory_lock(%(lock)s)

-- name: unlock
select pg_advisory_unlock(%(lock)s)

-- name: waiting
select count(*) from record where match_due

-- name: due
select id, member, source, local_id, visibility, status = 'live', cluster_id, feature
from record where match_due order by id limit %(limit)s for no key update skip locked

-- name: mates
select id, member, source, local_id, visibility, status = 'live', cluster_id, feature
from record where id in (select unnest(record_ids) from cluster where id = any(%(clusters)s)) for no key update

-- name: rows
select id, member, source, local_id, visibility, true, cluster_id, feature
from record where id = any(%(ids)s) and status = 'live' and feature is not null and (%(also_due)s or not match_due)

-- name: members
select unnest(record_ids) from cluster where id = any(%(clusters)s)

-- name: batch
create temp table if not exists match_batch (id bigint primary key) on commit delete rows

-- name: entries
-- one value of 16 bytes an entry, not a row each: a million rows cost the client seconds
select string_agg(int8send(k.key) || int8send(k.record_id), '') from match_key k
where k.key in (select d.key from match_key d join match_batch b on b.id = d.record_id)

-- name: drop_edges_a
delete from match_edge e using match_batch b where e.a = b.id returning e.b

-- name: drop_edges_b
delete from match_edge e using match_batch b where e.b = b.id returning e.a

-- name: edges
select a, b from match_edge where decision = 'match' and a = any(%(ids)s)
union
select a, b from match_edge where decision = 'match' and b = any(%(ids)s)

-- name: pins
select a, b, verdict from pin where revoked_at is null

-- name: stops
select key::bigint from match_statistic
where kind = 'stop' and version = (select max(version) from match_statistic)

-- name: fates
select id, status from cluster where id = any(%(ids)s)

-- name: new_ids
select array_agg(nextval(pg_get_serial_sequence('cluster', 'id')) order by n) from generate_series(1, %(n)s) n

-- name: stage_clusters
create temp table if not exists match_cluster (
    id bigint, record_ids bigint[], members text[], work_key text, visibility text
) on commit delete rows

-- name: update_clusters
update cluster c set
    merge_due = case when %(quiet)s and c.status = 'live' and c.record_ids = n.record_ids then 1 else 2 end,
    status = 'live', record_ids = n.record_ids, members = n.members, work_key = n.work_key, visibility = n.visibility
from match_cluster n where c.id = n.id

-- name: insert_clusters
insert into cluster (id, record_ids, members, work_key, visibility, merge_due) overriding system value
select n.id, n.record_ids, n.members, n.work_key, n.visibility, 2
from match_cluster n where not exists (select from cluster c where c.id = n.id) order by n.id

-- name: stage_records
create temp table if not exists match_member (id bigint, cluster_id bigint) on commit delete rows

-- name: update_records
update record r set cluster_id = coalesce(n.cluster_id, r.cluster_id), match_due = false from match_member n where r.id = n.id

-- name: withdraw
update cluster set status = 'withdrawn', merged = null, record_ids = '{}', members = '{}', work_key = '', merge_due = 0,
    seq = nextval('cluster_seq'), datestamp = now()
where id = any(%(ids)s) and status <> 'withdrawn'

-- name: redirect
with moved as (select unnest(%(old)s::bigint[]) as old_id, unnest(%(new)s::bigint[]) as new_id),
     retired as (
         update cluster c set status = 'redirected', merged = null, record_ids = '{}', members = '{}', work_key = '', merge_due = 0,
             seq = nextval('cluster_seq'), datestamp = now()
         from moved m where c.id = m.old_id),
     followed as (
         update cluster_redirect r set new_id = m.new_id from moved m where r.new_id = m.old_id)
insert into cluster_redirect (old_id, new_id) select old_id, new_id from moved
on conflict (old_id) do update set new_id = excluded.new_id

-- name: all_due
update record set match_due = true where status = 'live' and not match_due

-- name: next_version
select coalesce(max(version), 0) + 1 from match_statistic

-- name: count_keys
insert into match_statistic (version, kind, key, value)
select %(version)s, 'stop', key::text, count(*) from match_key group by key having count(*) > %(limit)s

-- name: note_version
insert into match_statistic (version, kind, key, value) values (%(version)s, 'records', 'live', (select count(*) from record where status = 'live'))

-- name: drop_statistics
delete from match_statistic where version < %(version)s
