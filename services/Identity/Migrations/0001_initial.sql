-- An owner is a user or an organisation: whoever can own repositories. The row outlives what it names, so that a
-- name, once given, never passes to another owner.
create table owners (
    id uuid primary key,
    kind text not null check (kind in ('User', 'Organisation')),
    name text not null,
    folded_name text not null unique,
    display_name text,
    created_at timestamptz not null,
    deleted boolean not null default false
);

create table users (
    id uuid primary key references owners,
    user_name text not null,
    normalized_user_name text not null unique,
    email text,
    normalized_email text unique,
    password_hash text,
    security_stamp text not null,
    concurrency_stamp text not null,
    access_failed_count integer not null default 0,
    lockout_end timestamptz,
    is_administrator boolean not null default false,
    is_guest boolean not null default false,
    is_disabled boolean not null default false,
    created_at timestamptz not null
);

create table memberships (
    organisation_id uuid not null references owners,
    user_id uuid not null references users,
    role integer not null check (role between 1 and 4),
    since timestamptz not null,
    primary key (organisation_id, user_id)
);
create index memberships_of_user on memberships (user_id);

-- What is kept of every secret below is its SHA-256; the secret itself is shown once.
create table invitations (
    id uuid primary key,
    organisation_id uuid not null references owners,
    email text not null,
    role integer not null check (role between 1 and 4),
    code_hash bytea not null unique,
    invited_by uuid not null references users,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_by uuid references users,
    accepted_at timestamptz,
    revoked_at timestamptz
);
create index invitations_of_organisation on invitations (organisation_id, id);

create table personal_tokens (
    id uuid primary key,
    user_id uuid not null references users,
    name text not null,
    hint text not null,
    hash bytea not null unique,
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index personal_tokens_of_user on personal_tokens (user_id, id);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users,
    hash bytea not null unique,
    signed_in_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index sessions_of_user on sessions (user_id);

create table one_time_links (
    hash bytea primary key,
    user_id uuid not null references users,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table oauth_clients (
    id text primary key,
    name text not null,
    redirect_uris text[] not null,
    scopes text[] not null,
    first_party boolean not null default false,
    created_at timestamptz not null
);

-- One sign-in of one user at one client; what it issued dies with it.
create table grants (
    id uuid primary key,
    client_id text not null references oauth_clients on delete cascade,
    user_id uuid not null references users,
    scopes text[] not null,
    nonce text,
    signed_in_at timestamptz not null,
    created_at timestamptz not null,
    -- The refresh token in force is HMAC(refresh_key, refresh_counter); refresh_key is protected by Data Protection.
    refresh_key text not null,
    refresh_counter integer not null default 0,
    refreshed_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index grants_of_user on grants (user_id);

create table authorization_codes (
    hash bytea primary key,
    client_id text not null references oauth_clients on delete cascade,
    user_id uuid not null references users,
    redirect_uri text not null,
    challenge text not null,
    scopes text[] not null,
    nonce text,
    signed_in_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    grant_id uuid references grants on delete cascade
);

create table access_tokens (
    hash bytea primary key,
    grant_id uuid not null references grants on delete cascade,
    scopes text[] not null,
    expires_at timestamptz not null
);

create table refresh_tokens (
    hash bytea primary key,
    grant_id uuid not null references grants on delete cascade,
    counter integer not null
);

-- next (published, not yet used) -> active -> retired (published, not used) -> destroyed (no row).
create table signing_keys (
    id text primary key,
    algorithm text not null check (algorithm in ('ES256', 'RS256')),
    private_key text not null,
    active_from timestamptz not null
);

create table data_protection_keys (
    name text primary key,
    xml text not null
);

create table audit_trail (
    sequence bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text,
    address text
);
create function audit_trail_is_append_only() returns trigger language plpgsql as
$$ begin raise exception 'the audit trail is only ever added to'; end $$;
create trigger audit_trail_is_append_only before update or delete or truncate on audit_trail
    execute function audit_trail_is_append_only();
