-- name: lock
select pg_try_advisory_lock(%(key)s);

-- name: unlock
select pg_advisory_unlock(%(key)s);
