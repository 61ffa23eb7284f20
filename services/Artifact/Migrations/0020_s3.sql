-- Blobs in an object store.

-- What is being put there just now, or was put and has no row yet: a sweep leaves it alone (KeepMarks.cs).
create table blob_keeps (
    id uuid not null,
    sha256 text not null,
    since timestamptz not null,
    primary key (sha256, id)
);
create index on blob_keeps (id);
create index on blob_keeps (since);

-- Which zoo this is, so that two never share a place in a bucket.
create table store_identity (
    one boolean primary key default true check (one),
    id uuid not null
);
