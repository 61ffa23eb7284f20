-- Keys that this service signs with, made once under the database, so that what they signed outlives a restart.
create table signing_keys (
    purpose text primary key,
    key bytea not null check (length(key) = 32),
    created_at timestamptz not null);
