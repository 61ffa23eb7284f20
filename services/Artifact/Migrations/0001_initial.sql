-- Whoever can own repositories: a replica of Identity's feed.
create table owners (
    id uuid primary key,
    kind text not null check (kind in ('user', 'organisation')),
    name text not null,
    deleted boolean not null default false);
create index owners_by_name on owners (lower(name)) where not deleted;

create table repositories (
    id uuid primary key,
    owner_id uuid not null references owners,
    name text not null,
    visibility text not null check (visibility in ('private', 'internal', 'public')),
    description text,
    readers text[] not null,               -- reader keys; empty when deleted, so that nobody may read it
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz);
create unique index repositories_by_name on repositories (owner_id, lower(name)) where deleted_at is null;
create index repositories_by_reader on repositories using gin (readers);

-- Every full name a repository ever had, folded, and whose it is. It never passes to another owner.
create table repository_names (
    owner_name text not null,
    name text not null,
    owner_id uuid not null,
    primary key (owner_name, name));

create table grants (
    repository_id uuid not null references repositories,
    user_id uuid not null,
    role text not null check (role in ('reader', 'contributor', 'maintainer', 'owner')),
    primary key (repository_id, user_id));

create table blobs (
    sha256 text primary key,
    size_bytes bigint not null check (size_bytes >= 0),
    git_id text not null,                  -- of the content when plain, of its LFS pointer when not
    plain boolean not null,                -- git may hold the content itself: small and text
    created_at timestamptz not null);

-- What a repository's revisions hold.
create table repository_blobs (
    repository_id uuid not null references repositories,
    sha256 text not null references blobs,
    primary key (repository_id, sha256));
create index repository_blobs_by_blob on repository_blobs (sha256);

-- What a caller may commit to a repository: bytes they sent for it, or may read elsewhere.
create table staged_blobs (
    repository_id uuid not null references repositories,
    subject text not null,
    sha256 text not null references blobs,
    staged_at timestamptz not null,
    primary key (repository_id, subject, sha256));

-- One folder of some revisions: parallel arrays, in git's order. Shared by every revision that holds the same folder.
create table trees (
    repository_id uuid not null references repositories,
    id text not null,
    names text[] not null,
    kinds text[] not null,                 -- folder, file, executable
    lfs boolean[] not null,                -- git sees a pointer
    git_ids text[] not null,
    sha256s text[] not null,               -- empty for folders
    sizes bigint[] not null,               -- bytes; of folders: all files below
    file_counts integer[] not null,        -- 1 for files; of folders: all files below
    primary key (repository_id, id));

create table revisions (
    repository_id uuid not null references repositories,
    id text not null,
    parent text,
    tree text not null,
    message text not null,
    author text not null,
    author_id uuid not null,
    created_at timestamptz not null,       -- whole seconds, as git has it
    file_count integer not null,
    size_bytes bigint not null,
    primary key (repository_id, id));

create table refs (
    repository_id uuid not null references repositories,
    name text not null,
    kind text not null check (kind in ('branch', 'tag')),
    revision text not null,
    updated_at timestamptz not null,
    primary key (repository_id, name),
    foreign key (repository_id, revision) references revisions (repository_id, id));

create table uploads (
    id uuid primary key,
    repository_id uuid not null references repositories,
    subject text not null,
    sha256 text not null,
    size_bytes bigint not null check (size_bytes >= 0),
    offset_bytes bigint not null default 0,  -- what is durable; the file may hold more
    state text not null default 'receiving' check (state in ('receiving', 'verified', 'complete')),
    touched_at timestamptz not null);
create index uploads_by_touch on uploads (touched_at);
