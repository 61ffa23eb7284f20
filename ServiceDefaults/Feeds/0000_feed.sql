-- The owner's side of a feed: one row a subject. Order of sequence is order of commit, because the number is given
-- at commit, under a lock that is held until the commit is done.
create table feed (
    singleton boolean primary key default true check (singleton),
    id uuid not null default gen_random_uuid());
insert into feed default values;

create sequence change_sequence;

create table changes (
    subject uuid primary key,
    kind text not null,
    version bigint not null default 1,
    deleted boolean not null default false,
    sequence bigint not null default 0,
    changed_at timestamptz not null default now());
create index changes_by_sequence on changes (sequence);

create function number_change() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(2053074690);
    update changes set sequence = nextval('change_sequence'), changed_at = clock_timestamp() where subject = new.subject;
    perform pg_notify('changes', '');
    return null;
end $$;

create constraint trigger changes_are_numbered after insert or update of version, deleted on changes
    deferrable initially deferred for each row execute function number_change();
