alter table oauth_clients
    -- May its users sign in on another device? Off unless an administrator says so: the flow invites phishing.
    add column device_flow boolean not null default false,
    add column post_logout_redirect_uris text[] not null default '{}',
    -- Whose pages may call the token endpoint and its neighbours from a browser.
    add column origins text[] not null default '{}';

alter table sessions add column method text not null default 'pwd';
alter table authorization_codes add column session_id uuid;
alter table grants add column session_id uuid;

-- One wish of a device to act for somebody. The user code is short-lived and typed by hand, so it stands here as it is.
create table device_codes (
    hash bytea primary key,
    user_code text not null unique,
    client_id text not null references oauth_clients on delete cascade,
    scopes text[] not null,
    address text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    interval_seconds integer not null,
    polled_at timestamptz,
    -- The session that typed the code last: it alone may decide.
    session_id uuid,
    decided_at timestamptz,
    -- Who allowed it; null once decided: denied.
    user_id uuid references users,
    signed_in_at timestamptz,
    used_at timestamptz
);

-- User codes that were typed and do not exist.
create table device_tries (
    id bigint generated always as identity primary key,
    session_id uuid not null,
    address text not null,
    at timestamptz not null
);
create index device_tries_by_time on device_tries (at);

-- Addresses that sign-ins failed from.
create table sign_in_addresses (
    address text primary key,
    failures integer not null,
    failed_at timestamptz not null,
    locked_until timestamptz
);
