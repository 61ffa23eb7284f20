-- One row a repository that Artifact knows. The first block follows Artifact's feed, the second holds what reading the
-- revision told; revision is the one that was read, head the one to read.
create table models (
    id uuid primary key,
    owner text not null,
    name text not null,
    visibility text not null,
    readers text[] not null,
    description text,
    head text,
    created_at timestamptz not null,
    updated_at timestamptz not null,

    revision text,
    title text not null,
    summary text,
    markdown text,
    front_matter json,      -- json, not jsonb: it is only shown, and may hold what jsonb refuses
    text text,
    wanted_stub text,
    stub text,
    task text,
    domain text,
    frameworks text[] not null default '{}',
    formats text[] not null default '{}',
    license text,
    tags text[] not null default '{}',
    parameters bigint,
    size_bytes bigint not null default 0);
create index models_by_name on models (lower(owner), lower(name));
create index models_by_update on models (updated_at desc, id desc);
create index models_by_reader on models using gin (readers);
-- Who wins a race for a stub is decided here.
create unique index models_by_stub on models (lower(stub));
create index models_by_wanted_stub on models (lower(wanted_stub));

create table model_files (
    model_id uuid not null references models on delete cascade,
    path text not null,
    sha256 text not null,
    size_bytes bigint not null,
    format text,
    fit boolean,
    unfit text,
    external_data text[] not null default '{}',
    inspection json,
    primary key (model_id, path));

create table findings (
    model_id uuid not null references models on delete cascade,
    ordinal int not null,
    kind text not null,
    severity text not null,
    path text,
    message text not null,
    primary key (model_id, ordinal));

create table lineage (
    model_id uuid not null references models on delete cascade,
    base text not null,
    relation text not null,
    primary key (model_id, base));

-- Benchmark's feed. No reference to models: the two feeds keep no order between them.
create table run_summaries (
    repository_id uuid primary key,
    revision text not null,
    file text not null,
    run_id uuid not null,
    p50_ms double precision not null,
    throughput_per_second double precision not null,
    peak_memory_bytes bigint not null,
    accuracy_passed boolean,
    device text not null,
    ended_at timestamptz not null);

-- One job a model: the newest head replaces an older one. A job is taken until leased_until, so that a killed worker's comes back.
create table inspection_jobs (
    model_id uuid primary key references models on delete cascade,
    revision text not null,
    due_at timestamptz not null default now(),
    leased_until timestamptz,
    attempts int not null default 0);
create index inspection_jobs_by_due on inspection_jobs (due_at);
