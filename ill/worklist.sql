-- name: borrowing
-- one index scan a branch: own requests, books to hand out here, strays held here
select id, attention from (
    (select id, attention from request
     where open and requester = %(member)s and ((not attention), id) > (%(calm)s, %(after)s)
     order by (not attention), id limit %(limit)s)
    union all
    (select id, attention from request
     where open and pickup = %(member)s and pickup <> requester and ((not attention), id) > (%(calm)s, %(after)s)
     order by (not attention), id limit %(limit)s)
    union all
    (select id, attention from request
     where open and holder = %(member)s and holder <> '' and holder <> requester and holder <> pickup and holder <> supplier
       and ((not attention), id) > (%(calm)s, %(after)s)
     order by (not attention), id limit %(limit)s)
) page order by (not attention), id limit %(limit)s;

-- name: borrowing_state
select id, attention from (
    (select id, attention from request
     where open and requester = %(member)s and state = %(state)s and id > %(after)s order by id limit %(limit)s)
    union all
    (select id, attention from request
     where open and pickup = %(member)s and pickup <> requester and state = %(state)s and id > %(after)s order by id limit %(limit)s)
    union all
    (select id, attention from request
     where open and holder = %(member)s and holder <> '' and holder <> requester and holder <> pickup and holder <> supplier
       and state = %(state)s and id > %(after)s
     order by id limit %(limit)s)
) page order by id limit %(limit)s;

-- name: borrowing_closed
select id, false from request where not open and requester = %(member)s and (%(after)s = 0 or id < %(after)s)
order by id desc limit %(limit)s;

-- name: borrowing_counts
select state, attention, sum(n)::bigint from (
    select state, attention, count(*) as n from request where open and requester = %(member)s group by state, attention
    union all
    select state, attention, count(*) from request
    where open and pickup = %(member)s and pickup <> requester group by state, attention
    union all
    select state, attention, count(*) from request
    where open and holder = %(member)s and holder <> '' and holder <> requester and holder <> pickup and holder <> supplier
    group by state, attention
) parts group by state, attention;

-- name: lending
select id, attention from attempt where open and member = %(member)s and ((not attention), id) > (%(calm)s, %(after)s)
order by (not attention), id limit %(limit)s;

-- name: lending_state
select id, attention from attempt where open and member = %(member)s and state = %(state)s and id > %(after)s
order by id limit %(limit)s;

-- name: lending_closed
select id, false from attempt where not open and member = %(member)s and (%(after)s = 0 or id < %(after)s)
order by id desc limit %(limit)s;

-- name: lending_counts
select state, attention, count(*) from attempt where open and member = %(member)s group by state, attention;

-- name: rows
-- by request, with its latest attempt
select r.id, r.number, r.cluster_id, r.title, r.requester, r.reader_id, r.service, r.volume, r.channel, r.pickup, r.note, r.state,
       r.open, r.attention, r.supplier, r.attempt_state, r.loan_state, r.holder, r.needed_by, r.due, r.timer, r.timer_at, r.version,
       r.events, r.created_at, r.changed_at, a.id as attempt_id, coalesce(a.round, 0) as round, coalesce(a.position, 0) as position,
       coalesce(o.rank, 0) as rank, o.terms, coalesce(l.renewals, 0) as renewals, coalesce(l.barcode, '') as barcode,
       coalesce(u.name_masked, '') as reader, r.attempt_state as shown
from request r
left join lateral (select * from attempt where request_id = r.id order by number desc limit 1) a on true
left join request_rota o on o.request_id = r.id and o.round = a.round and o.position = a.position
left join loan l on l.request_id = r.id
left join reader u on u.id = r.reader_id
where r.id = any(%(ids)s) order by array_position(%(ids)s, r.id);

-- name: rows_by_attempt
select r.id, r.number, r.cluster_id, r.title, r.requester, r.reader_id, r.service, r.volume, r.channel, r.pickup, r.note, r.state,
       r.open, a.attention, r.supplier, r.attempt_state, r.loan_state, r.holder, r.needed_by, r.due, r.timer, r.timer_at, r.version,
       r.events, r.created_at, r.changed_at, a.id as attempt_id, a.round, a.position,
       coalesce(o.rank, 0) as rank, o.terms, coalesce(l.renewals, 0) as renewals, coalesce(l.barcode, '') as barcode,
       '' as reader, a.state as shown
from attempt a
join request r on r.id = a.request_id
left join request_rota o on o.request_id = r.id and o.round = a.round and o.position = a.position
left join loan l on l.request_id = r.id
where a.id = any(%(ids)s) order by array_position(%(ids)s, a.id);

-- name: of_reader
select id from request where reader_id = %(reader_id)s and (%(before)s = 0 or id < %(before)s) and (open or not %(open_only)s)
order by id desc limit %(limit)s;

-- name: by_number
select id from request where number = %(number)s;

-- name: by_barcode
select request_id from loan where open and barcode = %(barcode)s and barcode <> '' order by request_id limit 20;

-- name: events
select request_id, number, at, actor, side, action, from_state, to_state, member, note, data
from request_event where request_id = %(id)s order by number;

-- name: rota
select o.round, o.member, o.eligible, o.rank, o.tier, o.score, o.reasons, o.terms, coalesce(a.state, '') as outcome,
       coalesce(a.reason, '') as reason, a.asked_at, a.answered_at
from request_rota o left join attempt a on a.request_id = o.request_id and a.round = o.round and a.position = o.position
where o.request_id = %(id)s order by o.round, o.position;

-- name: loan
select owning, home, current, pickup, state, barcode, renewals, due, started_at, ended_at from loan where request_id = %(id)s;
