using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Identity.OAuth;

/// <summary>At start: the platform's own client, the command line, is registered as this version wants it.</summary>
internal sealed class OwnClients(IServiceScopeFactory scopes, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var cli = OAuthClient.CommandLine(time.GetUtcNow());
        await scope.ServiceProvider.GetRequiredService<IdentityDb>().Database.ExecuteSqlAsync($"""
            insert into oauth_clients (id, name, redirect_uris, scopes, first_party, device_flow, created_at)
            values ({cli.Id}, {cli.Name}, {cli.RedirectUris}, {cli.Scopes}, true, {cli.DeviceFlow}, {cli.CreatedAt})
            on conflict (id) do update set name = excluded.name, redirect_uris = excluded.redirect_uris, scopes = excluded.scopes, device_flow = excluded.device_flow
            """, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
