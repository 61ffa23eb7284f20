-- What an OCI client was told of a revision: kept, because it comes back asking by digest.
create table oci_documents (
    repository_id uuid not null,
    sha256 text not null,
    revision text not null,
    kind text not null check (kind in ('manifest', 'config')),
    content bytea not null,
    primary key (repository_id, sha256),
    foreign key (repository_id, revision) references revisions (repository_id, id) on delete cascade);
create unique index oci_documents_by_revision on oci_documents (repository_id, revision, kind);

-- What zip archives say of each file; computed when first needed.
create table blob_crc32s (
    sha256 text primary key references blobs on delete cascade,
    crc32 bigint not null check (crc32 between 0 and 4294967295));
