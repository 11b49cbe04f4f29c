-- What was received, and when: written by `harvesters` only.

create table harvest_window (
    id          bigint generated always as identity primary key,
    member      text not null,
    source      text not null,
    kind        text not null check (kind in ('file', 'incremental', 'full')),
    state       text not null default 'running' check (state in ('running', 'success', 'partial', 'failed')),
    from_time   timestamptz,               -- selective harvesting: from, inclusive
    until_time  timestamptz,
    position    text,                      -- where to go on: a resumption token
    started_at  timestamptz not null default now(),
    finished_at timestamptz,
    error       jsonb                      -- {code, zh, en}
);
create index harvest_window_source on harvest_window (member, source, id desc);

-- Counts (schemas.raw.LoadCounts) of each file of a window; of a protocol there is one row, named by its address.
create table harvest_file (
    window_id   bigint not null references harvest_window (id) on delete cascade,
    name        text not null,
    read        bigint not null default 0,
    new         bigint not null default 0,
    changed     bigint not null default 0,
    unchanged   bigint not null default 0,
    deleted     bigint not null default 0,
    repeated    bigint not null default 0,
    quarantined bigint not null default 0,
    withdrawn   bigint not null default 0,
    stamp       text not null default '',  -- size and time of the file when it was read to its end: an unchanged file is not read again
    primary key (window_id, name)
);

create sequence raw_seq;

create table raw_record (
    id          bigint generated always as identity primary key,
    member      text not null,
    source      text not null,
    local_id    text not null,
    alias       text not null default '',  -- OAI identifier: a tombstone brings no other name
    container   text not null,
    encoding    text not null default '',  -- as declared by the source or the operator
    context     text not null default '',  -- XML namespaces in scope around the slice, JSON
    bytes       bytea not null,            -- verbatim; of a tombstone: the tombstone as received; of a withdrawn record: its last bytes
    hash        bytea not null,            -- of container, encoding, context and bytes
    datestamp   text not null default '',  -- as the source gave it
    deleted     boolean not null default false,
    problem     text not null default '',  -- finding code when the framing itself saw damage
    file        text not null default '',  -- of this and the next two: where this version was met first
    position    integer not null default 0,
    byte_offset bigint not null default 0,
    window_id   bigint not null,           -- the window that brought this version
    seq         bigint not null default nextval('raw_seq'),  -- moves with every version; normalise compares it with its own
    first_at    timestamptz not null default now(),
    changed_at  timestamptz not null default now(),
    unique (member, source, local_id)
);
create index raw_record_seq on raw_record (seq);
create index raw_record_alias on raw_record (member, source, alias) where alias <> '';

-- Earlier versions of a record: what it was; its bytes only where a tombstone took their place.
create table raw_version (
    raw_id     bigint not null references raw_record (id),
    seq        bigint not null,
    hash       bytea not null,
    datestamp  text not null,
    deleted    boolean not null,
    window_id  bigint not null,
    from_time  timestamptz not null,
    until_time timestamptz not null default now(),
    container  text,
    encoding   text,
    context    text,
    bytes      bytea,
    primary key (raw_id, seq)
);

-- Which records a window met, file by file: some thousand ids a row. A full run ends by withdrawing the rest; a resumed run knows what it
-- has met; and the quarantined of each file can be counted. Kept for the last window of a source only.
create table harvest_met (
    window_id bigint not null references harvest_window (id) on delete cascade,
    name      text not null,
    raw_ids   bigint[] not null
);
create index harvest_met_window on harvest_met (window_id);
