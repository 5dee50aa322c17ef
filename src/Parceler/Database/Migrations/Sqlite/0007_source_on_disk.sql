alter table repositories add column source_on_disk integer not null default 0; -- whether its command writes to the storage disk itself
