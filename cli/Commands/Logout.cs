using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo logout</c></summary>
internal static class Logout
{
    public static Command Create(Surroundings surroundings) =>
        new Command("logout", "Forget the stored credential of a zoo; a token that login made is revoked").Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var asked = invocation.Connect();
        var url = asked.Connection.Url;
        var address = url.GetLeftPart(UriPartial.Authority);
        if (invocation.Logins.Find(url) is not { } login)
        {
            throw new Refusal($"you are not signed in to {address}", "./zoo whoami shows as whom commands run");
        }

        using var zoo = new ZooClient(new Connection(url, login.Token, "login"), invocation.Surroundings.Time);
        var revoked = login.TokenId is { } id && await TryRevokeAsync(() => zoo.Tokens.RevokeAsync(id, ct), invocation);
        if (login.RefreshToken is { } refresh)
        {
            using var http = new ZooHttp(new Connection(url, null, null), invocation.Surroundings.Time);
            revoked = await TryRevokeAsync(
                async () => (await http.SendAsync(DeviceSignIn.Form("/connect/revocation", ("client_id", BrowserSignIn.Client), ("token", refresh)), ct)).Dispose(), invocation);
        }
        invocation.Logins.Remove(url);
        invocation.Answer(
            new { Url = address, login.UserName, Revoked = revoked },
            output => output.WriteLine($"signed out of {address}{(revoked ? "; the token is revoked" : "")}"));
    }

    private static async Task<bool> TryRevokeAsync(Func<Task> revokeAsync, Invocation invocation)
    {
        try
        {
            await revokeAsync();
            return true;
        }
        catch (Refusal refusal)
        {
            invocation.Say($"note: the token is forgotten here but was not revoked: {refusal.Message}");
            return false;
        }
    }
}
