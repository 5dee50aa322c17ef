alter table repositories add column mirror text; -- JSON: what Parceler mirrors itself, in place of a command
alter table repositories add column gate text not null default 'strict'; -- strict, warn, off
alter table repositories add column trust text not null default '[]'; -- JSON: the keys that its indexes may be signed with
alter table repositories add column accepts_rollback integer not null default 0; -- for the next snapshot
