-- Who signs in to the pages: written by `catalog_api.auth` only.

create table account (
    id          bigint generated always as identity primary key,
    name        text not null unique check (name ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    display     text not null default '',
    password    text not null,             -- Argon2id in PHC form, never the password
    roles       text[] not null check (
        cardinality(roles) > 0 and roles <@ array['admin', 'librarian', 'ill_officer', 'reader']
    ),
    member      text not null default '',  -- the library it acts for; only an administrator of the federation may have none
    reader_id   bigint,                    -- the reader behind a reader's account
    active      boolean not null default true,
    created_at  timestamptz not null default now(),
    password_at timestamptz not null default now(),
    check (member <> '' or roles = array['admin'])
);

-- A session is known by the hash of its token: who reads this table cannot become anybody.
create table web_session (
    token      bytea primary key,          -- SHA-256 of the token in the cookie
    account_id bigint not null references account (id) on delete cascade,
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null
);
create index web_session_account on web_session (account_id);
create index web_session_expires on web_session (expires_at);

-- Failed logins by account, by address and by both; a bucket is a hash, so that no typed name and no address is kept.
create table login_throttle (
    bucket   bytea primary key,
    failures integer not null,
    since    timestamptz not null default now()
);
