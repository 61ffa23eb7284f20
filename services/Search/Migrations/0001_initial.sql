-- What should stand in the Meilisearch index, one row a repository. Access comes from Artifact's feed, state from Catalog's;
-- a document is in the index only while both are known.
create table entries (
    id uuid primary key,
    -- Artifact's: null while unknown, and again once the repository is deleted
    owner text,
    name text,
    visibility text,
    readers text[],
    -- Catalog's model as JSON
    state json,
    -- what is here is newer than the index
    dirty boolean not null default true,
    -- somebody may just have lost sight of it: no query returns it until the index has caught up
    hidden boolean not null default false,
    -- grows with every change, so that a change that comes while the index is being written stays dirty
    version bigint not null default 1);
create index entries_dirty on entries (id) where dirty;
create index entries_hidden on entries (id) where hidden;

-- The index that the entries were written into; another one means that all of them are dirty.
create table written_index (
    singleton boolean primary key default true check (singleton),
    created_at timestamptz not null,
    settings_sha256 text not null);
