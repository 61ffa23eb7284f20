-- A lease is known by its name, so that its worker can renew it and a killed worker's ends soon.
alter table inspection_jobs add column lease uuid;
