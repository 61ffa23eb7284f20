-- Replica of Artifact's feed: who may read, and where main points.
create table repositories (
    id uuid primary key,
    owner_id uuid not null,
    owner_kind text not null,
    owner text not null,
    name text not null,
    readers text[] not null,
    head text);
-- Not unique: two feeds' pages may pass through a moment in which a renamed repository and its name's next holder share a name.
create index repositories_by_name on repositories (lower(owner), lower(name));
create index repositories_by_readers on repositories using gin (readers);

-- Replica of Catalog's feed: the files of the revision it read last, and which of them are fit to run.
create table models (
    id uuid primary key,
    revision text,
    files jsonb not null);

create table devices (
    id uuid primary key,
    fingerprint text not null unique,
    name text not null,
    cpu text not null,
    cores integer not null,
    memory_bytes bigint not null,
    gpu text,
    operating_system text not null,
    onnx_runtime text not null,
    providers text[] not null,
    limits text[] not null);

-- The queue is the table: a runner takes the oldest queued row, or one whose runner is silent, and renews its lease while it works.
create table runs (
    id uuid primary key,
    repository_id uuid not null,
    revision text not null,
    file text not null,
    sha256 text not null,
    external_data text[] not null,
    settings jsonb not null,
    settings_key text not null,
    is_default boolean not null,
    requested_by text not null,
    status text not null,
    progress double precision not null default 0,
    message text,
    device_id uuid not null references devices,
    results jsonb,
    attempts integer not null default 0,
    lease_holder uuid,
    lease_until timestamptz,
    created_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz);
-- A default run exists once per revision, file, profile and settings.
create unique index runs_default on runs (repository_id, revision, file, device_id, settings_key) where is_default;
create index runs_open on runs (created_at) where status in ('queued', 'running');
create index runs_by_repository on runs (repository_id, id);

create table run_samples (
    run_id uuid primary key references runs on delete cascade,
    latencies_ns bigint[] not null);

create table deployments (
    id uuid primary key,
    repository_id uuid not null,
    revision text not null,
    file text not null,
    sha256 text not null,
    external_data text[] not null,
    status text not null,
    message text,
    requested_by text not null,
    created_at timestamptz not null,
    last_used_at timestamptz);
create index deployments_by_repository on deployments (repository_id, id);
