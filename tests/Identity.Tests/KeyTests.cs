using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;
using ZooPlatform.Identity.Keys;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Tests;

/// <summary>Signing keys over time, and the ring that seals them.</summary>
public sealed class KeyTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    [Fact]
    public async Task A_key_is_next_active_retired_and_destroyed()
    {
        var clock = new Clock();
        var scopes = app.Services.GetRequiredService<IServiceScopeFactory>();
        var ring = new KeyRing(scopes, app.Services.GetRequiredService<IDataProtectionProvider>(), clock);
        using var rotate = new RotateKeys(scopes, ring, clock, NullLogger<RotateKeys>.Instance);
        string[] Published() => [.. ring.Published()["keys"]!.AsArray().Where(key => (string?)key!["alg"] == SigningKey.Internal).Select(key => (string)key!["kid"]!)];

        await rotate.RunAsync(default);
        var (first, born) = (ring.Active(SigningKey.Internal).Id, ring.Active(SigningKey.Internal).ActiveFrom);
        Assert.Equal([first], Published());

        clock.Now = born + RotateKeys.Life - RotateKeys.PublishedBefore + TimeSpan.FromHours(1);
        await rotate.RunAsync(default);
        await rotate.RunAsync(default);                                                    // safe to repeat
        var next = Assert.Single(Published(), id => id != first);
        Assert.Equal(first, ring.Active(SigningKey.Internal).Id);                          // published, not used

        clock.Now += TimeSpan.FromHours(25);
        Assert.Equal(first, ring.Active(SigningKey.Internal).Id);                          // a day and more: every service has seen it
        clock.Now = born + RotateKeys.Life + TimeSpan.FromMinutes(5);
        Assert.Equal(next, ring.Active(SigningKey.Internal).Id);
        await rotate.RunAsync(default);
        Assert.Contains(first, Published());                                               // retired: tokens it signed still live

        clock.Now = born + RotateKeys.Life + RotateKeys.PublishedAfter + TimeSpan.FromSeconds(1);
        await rotate.RunAsync(default);
        Assert.Equal([next], Published());
        Assert.Equal(0L, await app.SqlAsync($"select count(*) from signing_keys where id = '{first}'"));
        Assert.Equal(3072, ((RSA)ring.Active(SigningKey.IdToken).Key).KeySize);
    }

    [Fact]
    public async Task The_ring_is_sealed_at_rest_with_the_platforms_secret()
    {
        await app.Client.GetAsync("/account/sign-in");
        Assert.True((bool)(await app.SqlAsync("select bool_and(xml like 'v1:%') and count(*) > 0 from data_protection_keys"))!);

        await using var source = NpgsqlDataSource.Create(app.Database);
        RingInPostgres Ring(string secret) => new(source, Options.Create(new KeyOptions { Secret = secret }));
        Assert.All(Ring(IdentityApp.KeysSecret).GetAllElements(), element => Assert.Equal("key", element.Name.LocalName));
        Assert.ThrowsAny<CryptographicException>(() => Ring(new string('x', 32)).GetAllElements());

        // One from before this version stands in the clear until it is read.
        await app.SqlAsync("insert into data_protection_keys (name, xml) values ('old', '<old>secret</old>')");
        Assert.Contains(Ring(IdentityApp.KeysSecret).GetAllElements(), element => element.Value == "secret");
        Assert.False((bool)(await app.SqlAsync("select xml like '%secret%' from data_protection_keys where name = 'old'"))!);

        // A row under another's name is noticed.
        await app.SqlAsync("update data_protection_keys set name = 'moved' where name = 'old'");
        Assert.ThrowsAny<CryptographicException>(() => Ring(IdentityApp.KeysSecret).GetAllElements());
        await app.SqlAsync("delete from data_protection_keys where name = 'moved'");
    }

    [Fact]
    public async Task What_has_expired_is_deleted()
    {
        var flow = new OAuthFlow(app);
        await flow.TokensAsync(await app.APersonAsync());
        await flow.PostAsync("/connect/device", ("scope", "read"));
        Assert.Equal(1L, await app.SqlAsync("select count(*) from access_tokens"));
        var clock = new Clock { Now = TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(65) };
        using var delete = new DeleteExpired(app.Services.GetRequiredService<IServiceScopeFactory>(), clock, NullLogger<DeleteExpired>.Instance);
        await delete.RunAsync(default);
        foreach (var table in new[] { "access_tokens", "authorization_codes", "device_codes", "grants", "refresh_tokens" })
            Assert.Equal(0L, await app.SqlAsync($"select count(*) from {table}"));
    }
}
