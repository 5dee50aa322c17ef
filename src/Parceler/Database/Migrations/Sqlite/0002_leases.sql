alter table repositories add column grace_from integer; -- what stopped being served until then has neither sessions nor grace

create table leases (
    repository_id text not null references repositories (id) on delete cascade,
    machine blob not null,              -- as in verdicts
    since integer not null,             -- the serving whose index it read
    started_at integer not null,
    renewed_at integer not null,
    revision integer not null,          -- counts the writes, so that other processes read only what is new
    primary key (repository_id, machine)
);
create index leases_by_serving on leases (repository_id, since, renewed_at);
create index leases_by_revision on leases (revision);

create table announced_switches (
    id integer primary key autoincrement,
    repository_id text not null references repositories (id) on delete cascade,
    announced_at integer not null
);

create table announced_switches_seen (
    switch_id integer not null references announced_switches (id) on delete cascade,
    process text not null,
    primary key (switch_id, process)
);

create table index_dates (
    repository_id text not null references repositories (id) on delete cascade,
    since integer not null,             -- a serving
    path text not null,
    date integer not null,              -- an earlier serving, since which the content at this path is the same
    primary key (repository_id, since, path)
);

drop table workers; -- who lives says so again
create table workers (
    id text not null,
    role text not null,                 -- worker, web
    host text not null,
    pid integer not null,
    last_seen integer not null,
    primary key (id, role)
);
