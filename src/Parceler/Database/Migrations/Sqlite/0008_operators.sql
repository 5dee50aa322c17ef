create table audit_log (
    id integer primary key autoincrement,
    at integer not null,
    who text not null,                  -- a token, an operator, or the command line with its user
    what text not null,                 -- repository.freeze, token.create ...
    repository text,
    state_before text,                  -- JSON: what was, as far as it changed
    state_after text,                   -- JSON
    address text                        -- where a request came from
);
create index audit_log_by_repository on audit_log (repository, id);
create index audit_log_by_time on audit_log (at);

create table api_tokens (
    name text primary key,
    hash text not null unique,          -- SHA-256 of the token
    scopes text not null,               -- read, operate, release, with blanks between
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer                -- to the minute or so
);

create table operators (
    name text primary key,
    role text not null,                 -- viewer, operator
    salt blob not null,
    hash blob not null,                 -- PBKDF2 with SHA-512 of the password, so many rounds
    rounds integer not null,
    created_at integer not null
);

create table operator_sessions (
    id text primary key,                -- SHA-256 of what the cookie holds
    operator text not null references operators (name) on delete cascade,
    started_at integer not null,
    seen_at integer not null,           -- to the minute or so
    address text
);

create table operator_addresses (      -- from where an operator has signed in: whoever guesses elsewhere does not lock him out there
    operator text not null references operators (name) on delete cascade,
    address text not null,
    seen_at integer not null,
    primary key (operator, address)
);

create table asked_jobs (
    who text not null,
    key text not null,                  -- the Idempotency-Key of the request
    request text not null,
    job_id integer not null,
    asked_at integer not null,
    primary key (who, key)
);
