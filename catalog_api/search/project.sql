-- Which database this is, so that an index of another one is never continued.
-- name: origin
select current_database() || ' ' || to_char(min(at) at time zone 'UTC', 'YYYYMMDDHH24MISSUS') from migration

-- One writer of the index at a time, on whatever host; held by the session.
-- name: lock
select pg_advisory_lock(%(key)s)

-- name: unlock
select pg_advisory_unlock(%(key)s)
