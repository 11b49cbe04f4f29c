-- Records, holdings, keys, judgements, clusters: written by `normalise` only.

create table record (
    id         bigint primary key,          -- the id of its raw_record
    raw_seq    bigint not null,             -- the version it was made from
    member     text not null,
    source     text not null,
    local_id   text not null,
    status     text not null check (status in ('live', 'deleted', 'quarantined')),
    visibility text not null default 'public' check (visibility in ('public', 'staff')),
    schema     text not null default '',    -- cnmarc, unimarc, marc21, dc, mods, csv
    bib        json,                        -- schemas.bib.BibRecord; json, not jsonb: read and written as a whole, never searched here
    feature    bytea,                       -- normalise.match.features.FeatureRow
    findings   jsonb not null default '[]', -- [schemas.quality.Finding]
    cluster_id bigint,
    match_due  boolean not null default true,  -- waits for matching
    changed_at timestamptz not null default now()
);
create index record_match_due on record (id) where match_due;
create index record_member on record (member, status);

create table holding (
    id         bigint generated always as identity primary key,
    record_id  bigint not null,             -- no foreign key: normalise is the only writer, and a check a row costs a tenth of a load
    member     text not null,
    visibility text not null default 'public',
    copies     integer not null default 0,
    available  integer not null default 0,
    body       jsonb not null              -- schemas.holding.Holding
);
create index holding_record on holding (record_id);

create table quarantine (
    record_id  bigint primary key references record (id) on delete cascade,
    code       text not null,
    args       jsonb not null default '{}', -- what fills the bilingual text of the code: record, field, byte ...
    at         timestamptz not null default now()
);

create table match_key (
    key        bigint not null,             -- hash of family and value
    record_id  bigint not null
);
create index match_key_key on match_key (key, record_id);
create index match_key_record on match_key (record_id);

-- Pairs judged match or review, and nothing else: what is "no" is most of all candidates and is judged again in microseconds when
-- somebody asks why not. An edge stands for the present state of both records; it goes when one of them changes.
create table match_edge (
    a        bigint not null,
    b        bigint not null,
    score    real not null,
    decision text not null check (decision in ('match', 'review')),
    vetoes   text[] not null default '{}',
    reasons  text[] not null default '{}',
    version  text not null,
    primary key (a, b),
    check (a < b)
);
create index match_edge_b on match_edge (b);
create index match_edge_review on match_edge (score desc) where decision = 'review';

-- People's verdicts outrank every rule and outlive every re-harvest: a record's id is kept even while it is deleted.
create table pin (
    id         bigint generated always as identity primary key,
    a          bigint not null,
    b          bigint not null,
    verdict    text not null check (verdict in ('same', 'different')),
    who        text not null,
    why        text not null default '',
    at         timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by text,
    check (a < b)
);
create unique index pin_pair on pin (a, b) where revoked_at is null;
create index pin_b on pin (b) where revoked_at is null;

create sequence cluster_seq;

create table cluster (
    id         bigint generated always as identity primary key,
    status     text not null default 'live' check (status in ('live', 'withdrawn', 'redirected')),
    merged     json,                        -- schemas.cluster.MergedRecord
    record_ids bigint[] not null default '{}',
    members    text[] not null default '{}',
    public_members text[] not null default '{}',  -- those with a record the public may see
    work_key   text not null default '',
    visibility text not null default 'public',
    merge_due  smallint not null default 0, -- the description waits to be merged: 2 always a change, 1 only if it comes out another
    seq        bigint not null default nextval('cluster_seq'), -- moves with every change; projections compare it with their own
    datestamp  timestamptz not null default now()
);
create index cluster_changed on cluster (seq);
create index cluster_merge_due on cluster (id) where merge_due > 0;
create index cluster_work on cluster (work_key) where work_key <> '';

create table cluster_redirect (
    old_id bigint primary key,
    new_id bigint not null,
    at     timestamptz not null default now()
);
create index cluster_redirect_new on cluster_redirect (new_id);

-- Corpus statistics and stop-keys: replaced as a whole by `rebuild match`, never by a live count. The highest version counts.
create table match_statistic (
    version integer not null,
    kind    text not null,
    key     text not null,
    value   double precision not null,
    primary key (version, kind, key)
);
