-- name: close_dead
update harvest_window
set state = 'failed', finished_at = now(), error = %(error)s
where member = %(member)s and source = %(source)s and state = 'running' and id is distinct from %(window)s::bigint;

-- name: forget_met
delete from harvest_met
where window_id in (select id from harvest_window where member = %(member)s and source = %(source)s)
  and window_id is distinct from %(window)s::bigint;

-- name: open_window
insert into harvest_window (member, source, kind, from_time, until_time)
values (%(member)s, %(source)s, %(kind)s, %(from_time)s, %(until_time)s)
returning id;

-- name: reopen_window
update harvest_window
set state = 'running', finished_at = null, error = null
where id = %(window)s and member = %(member)s and source = %(source)s and kind = %(kind)s
returning id;

-- name: find
select local_id, id, hash, deleted, datestamp, problem, alias
from raw_record
where member = %(member)s and source = %(source)s and local_id = any(%(ids)s);

-- name: find_alias
select local_id, id, hash, deleted, datestamp, problem, alias
from raw_record
where member = %(member)s and source = %(source)s and alias = any(%(ids)s) and alias <> '';

-- name: new_ids
select nextval(pg_get_serial_sequence('raw_record', 'id')) from generate_series(1, %(count)s);

-- name: copy_new
copy raw_record (id, member, source, local_id, alias, container, encoding, context, bytes, hash, datestamp, deleted, problem, file, position,
    byte_offset, window_id) from stdin (format binary);

-- name: changed_table
create temp table if not exists raw_changed (
    id bigint, alias text, container text, encoding text, context text, bytes bytea, hash bytea, datestamp text, deleted boolean, problem text,
    file text, position integer, byte_offset bigint
) on commit delete rows;

-- name: copy_changed
copy raw_changed from stdin (format binary);

-- name: archive
insert into raw_version (raw_id, seq, hash, datestamp, deleted, window_id, from_time, container, encoding, context, bytes)
select r.id, r.seq, r.hash, r.datestamp, r.deleted, r.window_id, r.changed_at,
    case when gone then r.container end, case when gone then r.encoding end,
    case when gone then r.context end, case when gone then r.bytes end
from raw_changed c join raw_record r using (id), lateral (select c.deleted and not r.deleted) as g (gone);

-- name: replace
update raw_record r
set alias = c.alias, container = c.container, encoding = c.encoding, context = c.context, bytes = c.bytes, hash = c.hash, datestamp = c.datestamp,
    deleted = c.deleted, problem = c.problem, file = c.file, position = c.position, byte_offset = c.byte_offset,
    window_id = %(window)s, seq = nextval('raw_seq'), changed_at = now()
from raw_changed c
where r.id = c.id;

-- name: empty_changed
delete from raw_changed;

-- name: note_met
insert into harvest_met (window_id, name, raw_ids) values (%(window)s, %(name)s, %(ids)s);

-- name: note_file
insert into harvest_file (window_id, name, read, new, changed, unchanged, deleted, repeated, withdrawn)
values (%(window)s, %(name)s, %(read)s, %(new)s, %(changed)s, %(unchanged)s, %(deleted)s, %(repeated)s, %(withdrawn)s)
on conflict (window_id, name) do update
set read = excluded.read, new = excluded.new, changed = excluded.changed, unchanged = excluded.unchanged,
    deleted = excluded.deleted, repeated = excluded.repeated, withdrawn = excluded.withdrawn;

-- name: note_stamp
insert into harvest_file (window_id, name, stamp) values (%(window)s, %(name)s, %(stamp)s)
on conflict (window_id, name) do update set stamp = excluded.stamp;

-- name: note_window
update harvest_window
set position = coalesce(%(position)s, position), until_time = coalesce(until_time, %(until_time)s)
where id = %(window)s;

-- name: missing
create temp table raw_missing on commit drop as
select r.id
from raw_record r
where r.member = %(member)s and r.source = %(source)s and not r.deleted
  and not exists (select from raw_met m where m.id = r.id);

-- name: met_table
create temp table raw_met on commit drop as
select distinct unnest(raw_ids) as id from harvest_met where window_id = %(window)s;

-- What was never a record (a line of noise in an earlier file) goes without being counted.
-- name: count_missing
select (select count(*) from raw_missing),
    (select count(*) from raw_missing join raw_record using (id) where container <> 'unknown'),
    (select count(*) from raw_record where member = %(member)s and source = %(source)s and not deleted and container <> 'unknown');

-- name: damaged
select count(*), (array_agg(r.local_id order by r.id))[:5]
from raw_record r join raw_met m on m.id = r.id
-- a damaged record whose id cannot be read may be any of the missing ones
where r.container = 'unknown' or r.problem = any(%(fatal)s) or (r.problem <> '' and r.container <> 'csv' and r.local_id like 'h:%%');

-- name: archive_missing
insert into raw_version (raw_id, seq, hash, datestamp, deleted, window_id, from_time)
select id, seq, hash, datestamp, deleted, window_id, changed_at from raw_record join raw_missing using (id);

-- name: withdraw
update raw_record r
set deleted = true, window_id = %(window)s, seq = nextval('raw_seq'), changed_at = now()
from raw_missing m
where r.id = m.id
returning r.id;

-- name: close_window
update harvest_window
set state = %(state)s, finished_at = now(), error = %(error)s
where id = %(window)s;
