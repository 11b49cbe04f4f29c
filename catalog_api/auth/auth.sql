-- name: create
insert into account (name, display, password, roles, member, reader_id)
values (%(name)s, %(display)s, %(password)s, %(roles)s, %(member)s, %(reader_id)s)
on conflict (name) do nothing
returning id;

-- name: find
select id, password, name, display, roles, member, reader_id from account where name = %(name)s and active;

-- name: set_password
update account set password = %(password)s, password_at = now() where name = %(name)s returning id;

-- name: rehash
update account set password = %(password)s where id = %(id)s;

-- name: set_active
update account set active = %(active)s where name = %(name)s returning id;

-- name: list
select id, name, display, roles, member, reader_id from account where active order by member, name;

-- name: charge
insert into login_throttle as t (bucket, failures)
select unnest(%(buckets)s::bytea[]), 1
on conflict (bucket) do update set
    failures = case when t.since < now() - make_interval(secs => %(window)s) then 1 else t.failures + 1 end,
    since = case when t.since < now() - make_interval(secs => %(window)s) then now() else t.since end
returning bucket, failures, greatest(1, ceil(extract(epoch from since + make_interval(secs => %(window)s) - now())))::int;

-- name: clear
delete from login_throttle where bucket = any(%(buckets)s::bytea[]) or since < now() - interval '1 day';

-- name: take_back
update login_throttle set failures = failures - 1 where bucket = any(%(buckets)s::bytea[]) and failures > 0;

-- name: start_session
insert into web_session (token, account_id, expires_at)
values (%(token)s, %(account)s, now() + make_interval(secs => %(seconds)s));

-- name: resume_session
select a.id, a.name, a.display, a.roles, a.member, a.reader_id, s.seen_at < now() - interval '5 minutes'
from web_session s join account a on a.id = s.account_id
where s.token = %(token)s and a.active and s.expires_at > now()
  and s.seen_at > now() - make_interval(secs => %(idle)s);

-- name: touch_session
update web_session set seen_at = now() where token = %(token)s;

-- name: end_session
delete from web_session where token = %(token)s;

-- name: end_sessions_of
delete from web_session where account_id = %(account)s;

-- name: purge_sessions
delete from web_session where expires_at < now();
