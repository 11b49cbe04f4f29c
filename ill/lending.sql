-- name: lock
select r.id, r.number, r.cluster_id, r.title, r.requester, r.reader_id, r.service, r.volume, r.channel, r.pickup, r.note, r.state,
       r.open, r.attention, r.supplier, r.attempt_state, r.loan_state, r.holder, r.needed_by, r.due, r.timer, r.timer_at, r.version,
       r.events, r.created_at, r.changed_at
from request r where r.id = %(id)s for update;

-- name: details
select a.id as attempt_id, coalesce(a.round, 0) as round, coalesce(a.position, 0) as position, coalesce(o.rank, 0) as rank,
       o.terms, coalesce(l.renewals, 0) as renewals, coalesce(l.barcode, '') as barcode
from request r
left join lateral (select * from attempt where request_id = r.id order by number desc limit 1) a on true
left join request_rota o on o.request_id = r.id and o.round = a.round and o.position = a.position
left join loan l on l.request_id = r.id
where r.id = %(id)s;

-- name: next_number
select nextval('request_number');

-- name: insert_request
insert into request (number, cluster_id, title, requester, reader_id, service, volume, channel, pickup, note, state, needed_by,
                     created_at, changed_at)
values (%(number)s, %(cluster_id)s, %(title)s, %(requester)s, %(reader_id)s, %(service)s, %(volume)s, %(channel)s, %(pickup)s,
        %(note)s, %(state)s, %(needed_by)s, %(now)s, %(now)s)
returning id;

-- name: save
update request set state = %(state)s, open = %(open)s, attention = %(attention)s, supplier = %(supplier)s,
       attempt_state = %(attempt_state)s, loan_state = %(loan_state)s, holder = %(holder)s, due = %(due)s, timer = %(timer)s,
       timer_at = %(timer_at)s, version = %(version)s, events = %(events)s, changed_at = %(changed_at)s
where id = %(id)s;

-- name: append_event
insert into request_event (request_id, number, at, actor, side, action, from_state, to_state, member, note, data)
values (%(request_id)s, %(number)s, %(at)s, %(actor)s, %(side)s, %(action)s, %(from_state)s, %(to_state)s, %(member)s, %(note)s,
        %(data)s);

-- name: last_event
select actor, action from request_event where request_id = %(id)s order by number desc limit 1;

-- name: tell
insert into outbox (request_id, event, side, target, payload, created_at)
values (%(request_id)s, %(event)s, %(side)s, %(target)s, %(payload)s, %(now)s);

-- name: open_of_reader
select cluster_id, number from request where reader_id = %(reader_id)s and volume = %(volume)s and open;

-- name: claim_key
insert into command_key (scope, key, digest, request_id, at) values (%(scope)s, %(key)s, %(digest)s, %(request_id)s, %(now)s)
on conflict do nothing returning request_id;

-- name: known_key
select digest, request_id from command_key where scope = %(scope)s and key = %(key)s;

-- name: settle_key
update command_key set request_id = %(request_id)s where scope = %(scope)s and key = %(key)s;

-- name: last_round
select coalesce(max(round), 0) from request_rota where request_id = %(id)s;

-- name: insert_rota
insert into request_rota (request_id, round, position, member, eligible, rank, tier, score, reasons, terms)
values (%(request_id)s, %(round)s, %(position)s, %(member)s, %(eligible)s, %(rank)s, %(tier)s, %(score)s, %(reasons)s, %(terms)s);

-- name: rota_left
select round, position, rank, member, terms from request_rota
where request_id = %(id)s and eligible and round = (select max(round) from request_rota where request_id = %(id)s)
  and rank > coalesce((select max(o.rank) from attempt a join request_rota o using (request_id, round, position)
                       where a.request_id = %(id)s
                         and a.round = (select max(round) from request_rota where request_id = %(id)s)), 0)
order by rank;

-- name: tried
select distinct member from attempt where request_id = %(id)s and state = 'unfilled';

-- name: queues
select member, count(*) from attempt where open and attention and member = any(%(members)s) group by member;

-- name: balances
select member, sum(n)::integer from (
    select member, count(*) as n from attempt where supplied_at > %(since)s and member = any(%(members)s) group by member
    union all
    select requester, -count(*) from attempt where supplied_at > %(since)s and requester = any(%(members)s) group by requester
) moved group by member;

-- name: start_attempt
insert into attempt (request_id, number, round, position, requester, member, state, attention, asked_at)
values (%(request_id)s, (select count(*) + 1 from attempt where request_id = %(request_id)s), %(round)s, %(position)s, %(requester)s,
        %(member)s, %(state)s, %(attention)s, %(now)s)
returning id;

-- name: move_attempt
update attempt set state = %(state)s, open = %(open)s, attention = %(attention)s,
       reason = case when %(reason)s <> '' then %(reason)s else reason end,
       answered_at = coalesce(answered_at, case when %(answered)s then %(now)s::timestamptz end),
       supplied_at = coalesce(supplied_at, case when %(supplied)s then %(now)s::timestamptz end),
       ended_at = case when %(open)s then null else %(now)s::timestamptz end
where id = %(id)s;

-- name: start_loan
insert into loan (request_id, state, barcode, owning, home, current, pickup, started_at)
values (%(request_id)s, %(state)s, %(barcode)s, %(supplier)s, %(supplier)s, %(current)s, %(pickup)s, %(now)s);

-- name: move_loan
update loan set state = %(state)s, open = %(open)s, current = %(current)s, renewals = %(renewals)s, due = %(due)s,
       ended_at = case when %(open)s then null else %(now)s::timestamptz end
where request_id = %(request_id)s;

-- name: due_timers
select id from request where timer_at <= %(now)s order by timer_at limit %(limit)s;

-- name: unlink_readers
update request set reader_id = null where reader_id is not null and not open and changed_at < %(before)s;

-- name: drop_keys
delete from command_key where at < %(before)s;
