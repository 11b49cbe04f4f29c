-- Which database this is, so that an index of another one is never continued.
-- name: origin
select current_database() || ' ' || to_char(min(at) at time zone 'UTC', 'YYYYMMDDHH24MISSUS') from migration

-- One writer of the index at a time, on whatever host; held by the session.
-- name: lock
select pg_advisory_lock(%(key)s)

-- name: unlock
select pg_advisory_unlock(%(key)s)

-- The seq of every `step`th change and of the last one: where the work is divided.
-- name: bounds
select seq from (
    select seq, row_number() over (order by seq) as n, count(*) over () as total
    from cluster where seq > %(after)s and (status <> 'live' or merged is not null)
) changed where n %% %(step)s = 0 or n = total order by seq
