alter table snapshots add column feeds text not null default '[]'; -- JSON: the feeds that it holds, as its manifest names them
alter table snapshots add column let_through text not null default '[]'; -- JSON: what the gate found wrong and let through

create table seen_indexes (
    repository_id text not null references repositories (id) on delete cascade,
    feed text not null,                 -- path of the index that machines read first
    digest text not null,
    first_in integer not null,          -- the snapshot that brought it
    primary key (repository_id, feed, digest)
);
