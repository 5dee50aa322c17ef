alter table repositories add column frozen_since integer; -- when an operator froze it
update repositories set frozen_since = served_since where freeze is not null; -- not long after
