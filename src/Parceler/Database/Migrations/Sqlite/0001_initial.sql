-- Instants are milliseconds of the Unix epoch, but for the instants that name snapshots: whole seconds.

create table revisions (topic text primary key, revision integer not null);
create table settings (name text primary key, value text not null);

create table repositories (
    id text primary key,                -- made once; names may be used again after a deletion, ids never
    name text not null unique,
    command text not null,
    source_folder text not null,
    delay_days integer not null,
    allow_empty integer not null,
    time_limit_s integer,
    created_at integer not null,
    freeze integer,                     -- instant of the frozen snapshot
    release_mark integer,               -- candidates are the snapshots from here on
    served integer,                     -- what was served until now
    served_since integer,
    served_frozen integer not null default 0 -- whether it was served because of a freeze
);

create table snapshots (
    repository_id text not null references repositories (id) on delete cascade,
    instant integer not null,
    files integer not null,
    bytes integer not null,
    new_bytes integer not null,         -- bytes of blobs that this snapshot was the first to bring
    tree text not null,                 -- digest of the tree: equal trees have equal digests
    previous integer,                   -- the newest snapshot when this one was made
    pinned integer not null,
    primary key (repository_id, instant)
);

create table servings (
    repository_id text not null references repositories (id) on delete cascade,
    since integer not null,
    instant integer not null,
    reason text not null,
    primary key (repository_id, since)
);

create table jobs (
    id integer primary key autoincrement,
    kind text not null,                 -- repository.sync, repository.release, storage.collect ...
    subject text not null,              -- name of the repository, or empty: one job per subject runs at a time
    payload text not null,              -- JSON, by kind
    state text not null,                -- waiting, running, succeeded, failed, cancelled
    tries integer not null,             -- started so far
    takeovers integer not null default 0, -- times its worker died under it
    max_tries integer not null,
    not_before integer not null,
    give_up_at integer,                 -- no retry after this
    queued_at integer not null,
    started_at integer,
    finished_at integer,
    worker text,
    lease_until integer,                -- a running job whose lease has run out is taken over
    cancel_requested integer not null default 0,
    progress text,                      -- JSON: what, done, total
    result text,                        -- JSON, by kind
    error text
);
create index jobs_by_state on jobs (state, not_before);
create index jobs_by_subject on jobs (subject, id);

create table job_log (
    job_id integer not null references jobs (id) on delete cascade,
    number integer not null,
    try integer not null,
    at integer not null,
    line text not null,
    primary key (job_id, number)
);

create table workers (
    id text primary key,
    role text not null,
    host text not null,
    pid integer not null,
    last_seen integer not null
);

create table machines (
    tier text not null,
    system_id text not null,
    salt blob not null,
    hash blob not null,                 -- PBKDF2 with SHA-256 of the secret, so many rounds
    rounds integer not null,
    expires_at integer,
    created_at integer not null,
    primary key (tier, system_id)
);

create table verdicts (
    machine blob primary key,           -- keyed hash of tier, id and secret; of tier and secret in token tiers
    tier text not null,
    allowed integer not null,           -- 0: a denial that replaced an allowance
    reason text,
    asked_at integer not null,          -- when the authority said so
    until integer not null,             -- holds so long without asking again
    valid_until integer                 -- of the subscription: never beyond it
);

create table unreferenced_blobs (
    digest text primary key,
    seen_at integer not null            -- the pass of the collector that first found it unreferenced
);
