-- Which repository a name means, or meant last: old names lead to it.
alter table repository_names add column repository_id uuid references repositories;
update repository_names n set repository_id = r.id
from repositories r where r.owner_id = n.owner_id and lower(r.name) = n.name and r.deleted_at is null;

-- Revisions are numbered 1, 2, ... in the order of their commits. A number is never used again.
alter table repositories add column revisions_made integer not null default 0;
alter table revisions add column number integer;
with recursive log as (
    select repository_id, id, created_at as at, 1 as depth from revisions where parent is null
    union all
    -- A clock may have gone backwards: a revision is never older than its parent.
    select r.repository_id, r.id, greatest(r.created_at, log.at), log.depth + 1
    from revisions r join log on r.repository_id = log.repository_id and r.parent = log.id),
numbered as (
    select repository_id, id, row_number() over (partition by repository_id order by at, depth, id) as number from log)
update revisions r set number = numbered.number from numbered where r.repository_id = numbered.repository_id and r.id = numbered.id;
alter table revisions alter column number set not null;
create unique index revisions_by_number on revisions (repository_id, number);
update repositories r set revisions_made = (select coalesce(max(number), 0) from revisions where repository_id = r.id);

-- Aliases are names that move; where they stood stays known. A tag may say why it is there.
alter table refs drop constraint refs_kind_check;
alter table refs add constraint refs_kind_check check (kind in ('branch', 'tag', 'alias'));
alter table refs add column message text;
create table alias_moves (
    number bigint generated always as identity primary key,
    repository_id uuid not null references repositories,
    alias text not null,
    from_revision text,                    -- null: it was new
    to_revision text,                      -- null: it was deleted
    message text,
    moved_by text not null,
    moved_by_id uuid not null,
    moved_at timestamptz not null);
create index alias_moves_by_alias on alias_moves (repository_id, alias, number);
