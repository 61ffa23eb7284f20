-- Whatever an internal token is made of: who changes it tells, at commit, whose tokens are not what they were.
create function tell_caller_changed() returns trigger language plpgsql as $$
declare changed jsonb := to_jsonb(coalesce(new, old));
begin
    -- The subject of an internal token: a user's id, or that of a service account as a client.
    perform pg_notify('caller_changed', coalesce(changed ->> tg_argv[0], 'client:' || (changed ->> tg_argv[1])));
    return null;
end $$;

create trigger tells_caller_changed after insert or update or delete on memberships
    for each row execute function tell_caller_changed('user_id');
create trigger tells_caller_changed after update of is_disabled, is_administrator, is_guest on users
    for each row execute function tell_caller_changed('id');
create trigger tells_caller_changed after update of revoked_at or delete on api_tokens
    for each row execute function tell_caller_changed('user_id', 'service_account_id');
create trigger tells_caller_changed after update of revoked_at or delete on sessions
    for each row execute function tell_caller_changed('user_id');
create trigger tells_caller_changed after update of revoked_at or delete on grants
    for each row execute function tell_caller_changed('user_id');
create trigger tells_caller_changed after update of role or delete on service_accounts
    for each row execute function tell_caller_changed('', 'id');
