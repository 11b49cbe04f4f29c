-- Requests, rotas, loans, readers and cards: written by `ill` only.

-- What is added here is never changed: the history of a request, and who looked up whom.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are only ever added', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- ------------------------------------------------------------------------------------------------ readers and cards

create table reader (
    id         bigint generated always as identity primary key,
    ref        uuid not null unique default gen_random_uuid(),  -- bound into the encryption of `private`
    home       text not null,              -- member code
    name_masked text not null,             -- 王*
    private    bytea not null,             -- name and date of birth: key id, nonce, SM4-GCM
    category   text not null check (category in ('adult', 'student', 'faculty', 'child', 'staff')),
    status     text not null default 'active' check (status in ('active', 'suspended', 'expired', 'left')),
    expires    date,
    version    integer not null default 1,
    created_at timestamptz not null,
    changed_at timestamptz not null
);
create index reader_home on reader (home, id);

create table credential (
    id         bigint generated always as identity primary key,
    reader_id  bigint not null references reader (id),
    kind       text not null check (kind in ('reader_card', 'social_security', 'resident_id', 'citizen_card')),
    issuer     text not null default '',   -- member code of a reader card; '' where the state issues it
    key_id     text not null,              -- which key made the token
    token      text not null,              -- HMAC-SM3 in hexadecimal
    masked     text not null,
    status     text not null default 'active' check (status in ('active', 'blocked')),
    linked_at  timestamptz not null,
    linked_by  text not null,
    unique (kind, issuer, token)
);
create index credential_token on credential (token);
create index credential_reader on credential (reader_id);

create table consent (
    id        bigint generated always as identity primary key,
    reader_id bigint not null references reader (id),
    kind      text not null,               -- the credential it is for
    given_by  text not null check (given_by in ('reader', 'guardian')),
    wording   text not null,               -- version of the text that was agreed to
    officer   text not null,
    member    text not null,
    at        timestamptz not null
);
create index consent_reader on consent (reader_id);

create table card_lookup (
    id        bigint generated always as identity primary key,
    officer   text not null,
    member    text not null,
    purpose   text not null check (purpose <> ''),
    act       text not null check (act in ('look_up', 'show_name')),
    kind      text,                        -- of the credential looked up
    reader_id bigint,
    at        timestamptz not null
);
create index card_lookup_officer on card_lookup (officer, at desc);
create index card_lookup_reader on card_lookup (reader_id, at desc);

create table reader_event (
    id        bigint generated always as identity primary key,
    reader_id bigint not null references reader (id),
    action    text not null,               -- enrolled, linked, blocked, unblocked, status, renewed, left
    detail    jsonb not null default '{}', -- kinds and states, never a number
    officer   text not null,
    member    text not null,
    at        timestamptz not null
);
create index reader_event_reader on reader_event (reader_id, id);

-- ------------------------------------------------------------------------------------------------ requests

create sequence request_number;

create table request (
    id         bigint generated always as identity primary key,
    number     text not null unique,       -- WL-2026-000123
    cluster_id bigint not null,
    title      text not null,
    requester  text not null,              -- member code
    reader_id  bigint references reader (id),
    service    text not null check (service in ('loan', 'copy')),
    volume     text not null default '',
    channel    text not null default 'interlibrary',
    pickup     text not null,              -- member code
    note       text not null default '',
    state      text not null,              -- of ill/states.toml, as attempt.state and loan.state
    open       boolean not null default true,
    attention  boolean not null default false,  -- of the requesting side
    supplier   text not null default '',   -- member code of the present attempt, kept when it ends the request
    attempt_state text not null default '',
    loan_state text not null default '',
    holder     text not null default '',   -- the library that has the copy in hand, neither transit nor reader
    needed_by  timestamptz,
    due        timestamptz,
    timer      text not null default '',   -- of ill/states.toml
    timer_at   timestamptz,
    version    integer not null default 1,
    events     integer not null default 0, -- number of the last event
    created_at timestamptz not null,
    changed_at timestamptz not null,
    check ((timer = '') = (timer_at is null)),
    check (open or timer = '')
);
create unique index request_once on request (reader_id, cluster_id, volume) where open;
-- Work lists: what needs attention first, then the oldest. Paged by (not attention, id), so each page is one short index scan.
create index request_borrowing on request (requester, (not attention), id) where open;
create index request_borrowing_state on request (requester, state, id) where open;
create index request_pickup on request (pickup, (not attention), id) where open and pickup <> requester;
create index request_holder on request (holder, (not attention), id)
    where open and holder <> '' and holder <> requester and holder <> pickup and holder <> supplier;
create index request_closed on request (requester, id desc) where not open;
create index request_reader on request (reader_id, id desc);
create index request_timer on request (timer_at) where timer_at is not null;
create index request_cluster on request (cluster_id) where open;

create table request_event (
    request_id bigint not null references request (id),
    number     integer not null,           -- within the request, from 1
    at         timestamptz not null,
    actor      text not null,
    side       text not null,
    action     text not null,
    from_state text not null,
    to_state   text not null,
    member     text not null default '',   -- the supplier concerned
    note       text not null default '',
    data       jsonb not null default '{}',
    primary key (request_id, number)
);

-- The order in which libraries are asked, and those left out, as it was decided: round 2 after a retry.
create table request_rota (
    request_id bigint not null references request (id),
    round      integer not null,
    position   integer not null,
    member     text not null,
    eligible   boolean not null,
    rank       integer,
    tier       text not null,
    score      double precision not null,
    reasons    text[] not null,
    terms      jsonb not null,             -- of the loan as they stood: answer hours, loan days, renewals, fee in yuan
    primary key (request_id, round, position)
);

create table attempt (
    id         bigint generated always as identity primary key,
    request_id bigint not null references request (id),
    number     integer not null,
    round      integer not null,
    position   integer not null,
    requester  text not null,
    member     text not null,              -- the supplier
    state      text not null,
    open       boolean not null default true,
    attention  boolean not null default false,  -- of the supplying side
    reason     text not null default '',   -- why not supplied
    asked_at   timestamptz not null,
    answered_at timestamptz,
    supplied_at timestamptz,
    ended_at   timestamptz,
    unique (request_id, number),
    unique (request_id, round, position)
);
create unique index attempt_one_open on attempt (request_id) where open;
create index attempt_lending on attempt (member, (not attention), id) where open;
create index attempt_lending_state on attempt (member, state, id) where open;
create index attempt_closed on attempt (member, id desc) where not open;
create index attempt_request on attempt (request_id, number desc);
create index attempt_supplied on attempt (supplied_at) include (member, requester) where supplied_at is not null;

create table loan (
    id         bigint generated always as identity primary key,
    request_id bigint not null unique references request (id),
    state      text not null,
    open       boolean not null default true,
    barcode    text not null default '',
    owning     text not null,              -- the four libraries of 通借通还, member codes
    home       text not null,
    current    text not null,              -- '' in transit, with the reader, or lost
    pickup     text not null,
    renewals   integer not null default 0,
    due        timestamptz,
    started_at timestamptz not null,
    ended_at   timestamptz
);
create index loan_barcode on loan (barcode) where open and barcode <> '';

-- What others have to be told; a relay sends it afterwards. One row an effect, whatever is tried twice.
create table outbox (
    id         bigint generated always as identity primary key,
    request_id bigint not null references request (id),
    event      integer not null,
    side       text not null,
    target     text not null,              -- member code; of a reader the home library
    payload    jsonb not null,
    created_at timestamptz not null,
    sent_at    timestamptz,
    unique (request_id, event, side)
);
create index outbox_pending on outbox (id) where sent_at is null;
create index outbox_target on outbox (target, id desc);

-- A command sent twice under one key is done once.
create table command_key (
    scope      text not null,              -- place:ACTOR, act:REQUEST:ACTOR
    key        text not null,
    digest     bytea not null,             -- of what was asked for, so that a key cannot stand for something else
    request_id bigint not null,
    at         timestamptz not null,
    primary key (scope, key)
);
create index command_key_at on command_key (at);

create trigger append_only before update or delete on request_event for each row execute function refuse_change();
create trigger never_emptied before truncate on request_event execute function refuse_change();
create trigger append_only before update or delete on card_lookup for each row execute function refuse_change();
create trigger never_emptied before truncate on card_lookup execute function refuse_change();
create trigger append_only before update or delete on reader_event for each row execute function refuse_change();
create trigger never_emptied before truncate on reader_event execute function refuse_change();
create trigger append_only before update or delete on consent for each row execute function refuse_change();
create trigger never_emptied before truncate on consent execute function refuse_change();
