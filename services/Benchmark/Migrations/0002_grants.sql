-- Users who were granted contributor or more in one repository; Artifact's feed is read again to learn of them.
alter table repositories add column contributors uuid[] not null default '{}';
delete from feed_cursors where source = 'artifact';
