using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Owners;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Accounts;

/// <summary>At start, before the service listens: whoever runs the platform finds in <c>&lt;DataFolder&gt;/admin.json</c> (mode 0600) how
/// to be its administrator: a token that works and a link that signs in once.</summary>
/// <remarks>
/// 1. The first time, make the user <c>admin</c>, who has no password.
/// 2. Keep the file's token while it works, with a year to go; else make another.
/// 3. Keep the file's link while it is open; else make another.
/// 4. Put the file in place in one step.
/// One instance at a time, by a database lock.
/// </remarks>
internal sealed class FirstAdministrator(
    IServiceScopeFactory scopes, IOptions<PlatformOptions> platform, TimeProvider time, ILogger<FirstAdministrator> logger) : IHostedService
{
    private const long LockKey = 0x7A6F6F03;
    private const string TokenName = "whoever runs the platform";
    private static readonly TimeSpan s_tokenLife = TimeSpan.FromDays(ApiToken.MaxDays);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (platform.Value.DataFolder is not { } folder) return;
        var path = Path.Combine(folder, "admin.json");
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var db = services.GetRequiredService<IdentityDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", cancellationToken);

        var written = await ReadAsync(path, cancellationToken);
        var admin = await FindOrCreateAsync(db, services.GetRequiredService<CreateUser>(), cancellationToken);                    // 1
        var token = await TokenAsync(db, services.GetRequiredService<MakeToken>(), admin, written, cancellationToken);    // 2
        var link = await LinkAsync(services.GetRequiredService<OneTimeLinks>(), admin, written, cancellationToken);               // 3
        await transaction.CommitAsync(cancellationToken);
        await WriteAsync(path, new Credential(admin.UserName!, token, link), cancellationToken);                                  // 4
        logger.AdministratorWritten(path);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<User> FindOrCreateAsync(IdentityDb db, CreateUser create, CancellationToken ct)
    {
        var name = OwnerName.FirstAdministrator;
        var known = await db.Users.SingleOrDefaultAsync(u => db.Owners.Any(o => o.Id == u.Id && o.FoldedName == name.Value), ct);
        return known ?? await create.RunAsync(name, email: null, password: null, isAdministrator: true, ct) switch
        {
            CreateUserOutcome.Created created => created.User,
            var refused => throw new InvalidOperationException($"The first administrator cannot be made: {refused}."),
        };
    }

    private async Task<string> TokenAsync(IdentityDb db, MakeToken make, User admin, Credential? written, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(written?.Token ?? "");
        var now = time.GetUtcNow();
        var kept = await db.ApiTokens.InForce(now).Where(t => t.Hash == hash && t.UserId == admin.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.ExpiresAt, now + s_tokenLife), ct);
        if (kept == 1) return written!.Token;
        // Whoever had the file before it was lost has it no more.
        await db.ApiTokens.InForce(now).Where(t => t.UserId == admin.Id && t.Name == TokenName)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), ct);
        return (await make.RunAsync(TokenHolder.User(admin.Id), Audit.AuditTrail.System, TokenName, Scopes.OfUsers, s_tokenLife, ct)).Token;
    }

    private static async Task<string> LinkAsync(OneTimeLinks links, User admin, Credential? written, CancellationToken ct) =>
        written is not null && await links.UserNameAsync(written.SignInUrl.Split("code=")[^1], ct) is not null
            ? written.SignInUrl
            : await links.CreateAsync(admin.Id, ct);

    private static async Task<Credential?> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await JsonSerializer.DeserializeAsync<Credential>(file, ZooJson.Options, ct);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private static async Task WriteAsync(string path, Credential credential, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.CreateVersion7():N}";
        await using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await JsonSerializer.SerializeAsync(file, credential, ZooJson.Options, ct);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    private sealed record Credential(string UserName, string Token, string SignInUrl);
}
