-- name: last
select id, kind, state, from_time, until_time, position
from harvest_window
where member = %(member)s and source = %(source)s
order by id desc limit 1;

-- name: harvested_until
select max(until_time)
from harvest_window
where member = %(member)s and source = %(source)s and state = 'success';

-- name: times
select from_time, until_time from harvest_window where member = %(member)s and source = %(source)s and id = %(window)s;

-- name: files_read
select name, stamp
from harvest_file
where stamp <> '' and window_id = (
    select max(w.id)
    from harvest_window w
    where w.member = %(member)s and w.source = %(source)s and w.state = 'success'
      and exists (select from harvest_file f where f.window_id = w.id and f.stamp <> '')
);

-- name: history
select w.id, w.kind, w.state, w.from_time, w.until_time, w.started_at, w.finished_at, w.error,
    coalesce(sum(f.read), 0), coalesce(sum(f.new), 0), coalesce(sum(f.changed), 0), coalesce(sum(f.unchanged), 0),
    coalesce(sum(f.deleted), 0), coalesce(sum(f.repeated), 0), coalesce(sum(f.quarantined), 0), coalesce(sum(f.withdrawn), 0)
from harvest_window w left join harvest_file f on f.window_id = w.id
where w.member = %(member)s and (%(source)s::text is null or w.source = %(source)s)
group by w.id
order by w.id desc
limit %(limit)s;

-- name: latest_runs
select w.member, w.source, max(w.started_at), (array_agg(w.state order by w.id desc))[1],
    count(*) filter (where w.state = 'failed' and w.id > coalesce(s.id, 0))
from harvest_window w
left join (
    select member, source, max(id) as id from harvest_window where state in ('success', 'partial') group by member, source
) s using (member, source)
group by w.member, w.source;
