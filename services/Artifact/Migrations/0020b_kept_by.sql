-- Whose mark it is: the spool's, whose processes end their predecessors' marks. Older marks are nobody's and are forgotten in time.
alter table blob_keeps add column spool text not null default '';
create index on blob_keeps (spool);

-- What the store is told to delete just now, or was told without an answer that was heard: it may still do so for some seconds.
create table blob_deletes (
    sha256 text primary key,
    since timestamptz not null
);
