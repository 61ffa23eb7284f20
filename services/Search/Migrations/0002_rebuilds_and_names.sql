-- Which index in Meilisearch answers, and which one is being built to take its place. One row, always.
create table index_state (
    singleton boolean primary key default true check (singleton),
    -- the index that queries are asked of; null: none is whole, a search is refused
    live text,
    -- tells it from another one of the same name
    live_created_at timestamptz,
    live_settings_sha256 text,
    live_built_at timestamptz,
    -- the index being built, and how far: entries up to this id are in it, later changes are written to both
    next text,
    next_settings_sha256 text,
    next_after uuid,
    next_written bigint not null default 0,
    next_total bigint not null default 0,
    -- settings, asked or missing
    next_reason text,
    next_started_at timestamptz,
    -- an administrator asked for a rebuild that has not begun
    asked_at timestamptz,
    -- grows with every batch that was written: nothing stopped being hidden while it stays
    batches bigint not null default 0);

-- The one index there was until now; of another name only where an operator said so, and then it is built anew.
insert into index_state (live, live_created_at, live_settings_sha256, live_built_at)
    select 'models', created_at, settings_sha256, created_at from written_index
    union all select null, null, null, null where not exists (select from written_index);
drop table written_index;

-- Feeds that were read to their end since they began: before that, nobody knows what is missing.
create table read_feeds (source text primary key);
insert into read_feeds select source from feed_cursors;

-- What the second look at names reads. Changes are told by id, so that whoever keeps the names in memory follows them.
alter table entries add column title text generated always as (state ->> 'title') stored;
create index entries_shown on entries (id, dirty) where readers is not null and state is not null;

create function tell_name() returns trigger language plpgsql as $$
begin
    perform pg_notify('names', coalesce(new.id, old.id)::text);
    return null;
end $$;
create trigger names_are_told after insert or delete on entries for each row execute function tell_name();
create trigger new_names_are_told after update on entries for each row
    when ((old.title, old.name, old.readers) is distinct from (new.title, new.name, new.readers)) execute function tell_name();
