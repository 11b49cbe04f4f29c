-- What was received, and when: written by `harvesters` only.

create table harvest_window (
    id          bigint generated always as identity primary key,
    member      text not null,
    source      text not null,
    kind        text not null check (kind in ('file', 'incremental', 'full')),
    state       text not null default 'running' check (state in ('running', 'success', 'partial', 'failed')),
    from_time   timestamptz,               -- selective harvesting: from, inclusive
    until_time  timestamptz,
    position    text,                      -- where to go on: a resumption token, a file name
    started_at  timestamptz not null default now(),
    finished_at timestamptz,
    counts      jsonb not null default '{}',   -- LoadCounts by file or page
    error       jsonb                      -- {code, zh, en}
);
create index harvest_window_source on harvest_window (member, source, id desc);

create sequence raw_seq;

create table raw_record (
    id          bigint generated always as identity primary key,
    member      text not null,
    source      text not null,
    local_id    text not null,
    container   text not null,
    encoding    text not null default '',  -- as declared by the source or the operator
    context     text not null default '',  -- XML namespaces in scope around the slice, JSON
    bytes       bytea not null,            -- verbatim; of a tombstone: the tombstone as received
    hash        bytea not null,            -- of container, encoding, context, deleted and bytes
    datestamp   text not null default '',  -- as the source gave it
    deleted     boolean not null default false,
    problem     text not null default '',  -- finding code when the framing itself saw damage
    file        text not null default '',
    position    integer not null default 0,
    byte_offset bigint not null default 0,
    window_id   bigint not null,           -- the window that brought this version
    seq         bigint not null default nextval('raw_seq'),  -- moves with every version; normalise compares it with its own
    first_at    timestamptz not null default now(),
    changed_at  timestamptz not null default now(),
    unique (member, source, local_id)
);
create index raw_record_seq on raw_record (seq);

-- Earlier versions of a record: what it was, not its bytes.
create table raw_version (
    raw_id     bigint not null references raw_record (id),
    seq        bigint not null,
    hash       bytea not null,
    datestamp  text not null,
    deleted    boolean not null,
    window_id  bigint not null,
    from_time  timestamptz not null,
    until_time timestamptz not null default now(),
    primary key (raw_id, seq)
);

-- Ids a full harvest has met so far, so that it can be resumed and end by withdrawing the rest.
create table harvest_seen (
    window_id bigint not null references harvest_window (id) on delete cascade,
    local_id  text not null,
    primary key (window_id, local_id)
);
