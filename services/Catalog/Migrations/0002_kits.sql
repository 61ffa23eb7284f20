-- What a kit holds beside its models (KitView as JSON), and which readers a file was read with: one that has not changed since is not
-- read again. reader is null where the reading failed, or where it hangs on other files of the kit.
alter table models add kit json;
alter table model_files add reader int;
create index models_by_address on models (lower(owner || '/' || name));
create index lineage_by_base on lineage (lower(base));

-- What is known was read without all this.
insert into inspection_jobs (model_id, revision) select id, head from models where head is not null on conflict do nothing;
