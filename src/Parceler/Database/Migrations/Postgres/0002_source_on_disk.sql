alter table repositories add column source_on_disk bigint not null default 0; -- whether its command writes to the storage disk itself
