-- The last good answers of the Netify API, for all web servers and over restarts.
create table netify_answers (
    name text primary key,
    content blob not null,              -- as upstream sent it, byte by byte
    fresh_until integer not null,       -- then upstream is asked again
    valid_until integer not null        -- so long it may be given out when upstream does not answer
);
