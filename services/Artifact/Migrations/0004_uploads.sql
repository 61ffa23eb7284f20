-- Which bytes of an upload are durable: parts may come in any order and side by side. offset_bytes is where the first gap begins.
alter table uploads add column received int8multirange not null default '{}';
update uploads set received = int8multirange(int8range(0, offset_bytes)) where offset_bytes > 0;
