-- The last good answers of the Netify API, for all web servers and over restarts.
create table netify_answers (
    name text collate "C" primary key,
    content bytea not null,             -- as upstream sent it, byte by byte
    fresh_until bigint not null,        -- then upstream is asked again
    valid_until bigint not null         -- so long it may be given out when upstream does not answer
);
