-- A service account is a program of one organisation; its row and all that hangs on it go with the organisation.
create table service_accounts (
    id uuid primary key,
    organisation_id uuid not null references owners,
    name text not null,
    folded_name text not null,
    role integer not null check (role between 1 and 3),
    created_at timestamptz not null,
    unique (organisation_id, folded_name)
);

-- People's tokens and service accounts' are one table: they differ in their holder.
alter table personal_tokens rename to api_tokens;
alter index personal_tokens_of_user rename to api_tokens_of_user;
alter table api_tokens
    alter column user_id drop not null,
    add column service_account_id uuid references service_accounts on delete cascade,
    add constraint api_tokens_have_one_holder check ((user_id is null) <> (service_account_id is null));
create index api_tokens_of_service_account on api_tokens (service_account_id, id);

-- A service account is an OAuth client as well; that client's id is the account's.
alter table oauth_clients
    add column confidential boolean not null default false,
    add column service_account_id uuid unique references service_accounts on delete cascade;

create table client_secrets (
    id uuid primary key,
    client_id text not null references oauth_clients on delete cascade,
    hint text not null,
    hash bytea not null,
    created_at timestamptz not null
);
create index client_secrets_of_client on client_secrets (client_id, id);

-- An access token belongs to a user's grant, or to a client that acts for itself.
alter table access_tokens
    alter column grant_id drop not null,
    add column client_id text references oauth_clients on delete cascade,
    add constraint access_tokens_have_one_origin check ((grant_id is null) <> (client_id is null));
