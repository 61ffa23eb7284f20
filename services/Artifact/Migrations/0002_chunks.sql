-- Of all its chunks, as Xet's clients cut and hash them; null while nobody has looked. Blobs whose map pays are mapped in the background.
alter table blobs add column xet_hash bytea;
create index blobs_by_xet_hash on blobs (xet_hash);
create index blobs_to_map on blobs (created_at) where xet_hash is null and not plain and size_bytes >= 65536;

-- A run of a blob's chunks, 64 MiB at most. To Xet's clients it is a xorb, though its bytes lie in the blob's file alone.
create table chunk_runs (
    sha256 text not null references blobs on delete cascade,
    run integer not null,
    offset_bytes bigint not null,          -- in the blob
    xorb bytea not null,                   -- what clients call it
    chunks bytea not null,                 -- of each chunk: hash, 32 bytes, and length, 4 bytes little-endian
    primary key (sha256, run));
alter table chunk_runs alter column chunks set storage external;   -- hashes do not compress
create index chunk_runs_by_xorb on chunk_runs (xorb);

-- Where some chunks are: the first of each blob, and those whose hash ends in a number divisible by 64. Who finds one finds its neighbours.
create table chunk_hooks (
    chunk bytea not null,
    sha256 text not null references blobs on delete cascade,
    run integer not null,
    primary key (chunk, sha256));
create index chunk_hooks_by_blob on chunk_hooks (sha256);

-- Xorbs that clients named in a shard. A client remembers them for weeks and sends their chunks no more, so what they were made of stays
-- known after their bytes became part of blobs.
create table xorbs (
    hash bytea primary key,
    chunks bytea not null);                -- as in chunk_runs
alter table xorbs alter column chunks set storage external;

-- A run that holds some of a xorb's chunks.
create table xorb_runs (
    xorb bytea not null references xorbs,
    sha256 text not null,
    run integer not null,
    primary key (xorb, sha256, run),
    foreign key (sha256, run) references chunk_runs on delete cascade);
create index xorb_runs_by_run on xorb_runs (sha256, run);

-- Xorbs that were sent and are in no shard yet, or not all of it: a file each, deleted when it is idle.
create table xorb_uploads (
    repository_id uuid not null references repositories,
    subject text not null,
    xorb bytea not null references xorbs,
    file uuid not null,
    received_at timestamptz not null,
    primary key (repository_id, subject, xorb));
create index xorb_uploads_by_receipt on xorb_uploads (received_at);
create index xorb_uploads_by_xorb on xorb_uploads (xorb);
