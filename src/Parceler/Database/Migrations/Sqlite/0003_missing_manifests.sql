-- A snapshot whose manifest vanished with all others of its repository: an accident, and no deletion. It is deleted by name, or whole again
-- when its manifest is back.
alter table snapshots add column missing integer not null default 0;
