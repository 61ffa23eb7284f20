-- Since when a sweep knows that no branch, tag or alias reaches a revision; null: reached.
alter table revisions add column unreachable_since timestamptz;
create index revisions_unreachable on revisions (unreachable_since) where unreachable_since is not null;

alter table blobs add column kept_at timestamptz;         -- when its bytes last came
update blobs set kept_at = created_at;
alter table blobs alter column kept_at set not null;
alter table blobs alter column kept_at set default now();
alter table blobs add column scrubbed_at timestamptz;      -- when its file was last read and found right
alter table blobs add column damaged_at timestamptz;       -- its file was found wrong and taken away; null again once the bytes came anew
create index blobs_by_scrub on blobs (scrubbed_at nulls first);
create index blobs_damaged on blobs (damaged_at) where damaged_at is not null;
create index staged_blobs_by_blob on staged_blobs (sha256);
create index staged_blobs_by_age on staged_blobs (staged_at);
create index uploads_by_blob on uploads (sha256) where state <> 'complete';

-- What the administrator set for one owner, in place of the zoo's own.
create table quotas (
    owner_id uuid primary key,
    limit_bytes bigint check (limit_bytes >= 0));          -- null: no limit
