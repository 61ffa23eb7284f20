-- Sweeps of garbage that were asked for, or came by themselves: what one is at, and what it came to. One at a time.
create table sweeps (
    id uuid primary key,
    dry_run boolean not null,
    asked_by text,                         -- null: nobody, it was time
    state text not null check (state in ('running', 'done', 'failed', 'interrupted')),
    step text not null,
    blob_count integer not null default 0, -- found
    done_count integer not null default 0, -- of those, deleted
    begun_at timestamptz not null,
    ended_at timestamptz,
    report jsonb,
    error text);
create unique index sweeps_running on sweeps ((true)) where ended_at is null;
create index sweeps_by_begin on sweeps (begun_at);

-- Xorbs that wait count towards their owner's quota; those that waited before this count nothing.
alter table xorb_uploads add column size_bytes bigint not null default 0;
