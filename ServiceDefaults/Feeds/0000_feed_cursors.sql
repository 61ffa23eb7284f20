-- The reader's side of feeds: how far each was applied. Stored in the transaction that applies.
create table feed_cursors (
    source text primary key,
    feed uuid not null,
    cursor bigint not null,
    read_at timestamptz not null default now());
