-- name: lock_reader
select id from reader where id = %(id)s for update;

-- name: standing
select r.category, r.status, r.expires, (%(now)s::timestamptz at time zone 'Asia/Shanghai')::date,
       (select count(*) from request q where q.reader_id = r.id and q.open and q.service = 'loan'),
       (select count(*) from request q where q.reader_id = r.id and q.open and q.service = 'copy'),
       (select count(*) from request q where q.reader_id = r.id and q.open and (q.loan_state = 'overdue'
          or (q.loan_state in ('with_reader', 'recalled') and q.due < %(now)s)))
from reader r where r.id = %(id)s;

-- name: reader
select id, ref, home, name_masked, private, category, status, expires, version from reader where id = %(id)s;

-- name: readers
select r.id, r.home, r.name_masked, r.category, r.status, r.expires,
       coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'token', c.token, 'masked', c.masked) order by c.id)
                filter (where c.status = 'active'), '[]') as credentials
from reader r left join credential c on c.reader_id = r.id
where r.id = any(%(ids)s) group by r.id order by r.id;

-- name: of_home
select id from reader where home = %(home)s and id > %(after)s order by id limit %(limit)s;

-- name: insert_reader
insert into reader (ref, home, name_masked, private, category, expires, created_at, changed_at)
values (%(ref)s, %(home)s, %(name_masked)s, %(private)s, %(category)s, %(expires)s, %(now)s, %(now)s) returning id;

-- name: set_status
update reader set status = %(status)s, expires = %(expires)s, version = version + 1, changed_at = %(now)s where id = %(id)s;

-- name: erase
update reader set private = ''::bytea, name_masked = '*', status = 'left', version = version + 1, changed_at = %(now)s
where id = %(id)s;

-- name: open_requests
select count(*) from request where reader_id = %(id)s and open;

-- name: one_number
select pg_advisory_xact_lock(hashtextextended(%(token)s, 0));

-- name: of_person
select distinct token from credential where reader_id = %(id)s and kind in ('resident_id', 'social_security');

-- name: holders
select id, reader_id, kind, issuer, key_id, status from credential where token = any(%(tokens)s) order by id;

-- name: insert_credential
insert into credential (reader_id, kind, issuer, key_id, token, masked, linked_at, linked_by)
values (%(reader_id)s, %(kind)s, %(issuer)s, %(key_id)s, %(token)s, %(masked)s, %(now)s, %(officer)s);

-- name: retoken
update credential set key_id = %(key_id)s, token = %(token)s where id = %(id)s;

-- name: set_credential
update credential set status = %(status)s where reader_id = %(reader_id)s and kind = %(kind)s and issuer = %(issuer)s
    and status <> %(status)s returning id;

-- name: delete_credentials
delete from credential where reader_id = %(reader_id)s;

-- name: consent
insert into consent (reader_id, kind, given_by, wording, officer, member, at)
values (%(reader_id)s, %(kind)s, %(given_by)s, %(wording)s, %(officer)s, %(member)s, %(now)s);

-- name: event
insert into reader_event (reader_id, action, detail, officer, member, at)
values (%(reader_id)s, %(action)s, %(detail)s, %(officer)s, %(member)s, %(now)s);

-- name: one_officer
select pg_advisory_xact_lock(hashtextextended('card-lookup:' || %(officer)s, 0));

-- name: lookups_of_officer
-- tries beyond the limit are on the record, but do not keep it closed for ever
select count(*) filter (where at > %(minute)s), count(*) from card_lookup
where officer = %(officer)s and at > %(day)s and refused <> 'look-up-limit';

-- name: record_lookup
insert into card_lookup (officer, member, purpose, act, kind, reader_id, at, refused)
values (%(officer)s, %(member)s, %(purpose)s, %(act)s, %(kind)s, %(reader_id)s, %(now)s, %(refused)s);

-- name: lookups
select officer, member, purpose, kind, reader_id, at, refused from card_lookup
where act = 'look_up' and (%(officer)s = '' or officer = %(officer)s)
  and (%(reader_id)s::bigint is null or reader_id = %(reader_id)s)
order by id desc limit %(limit)s;
