using System.CommandLine;
using System.Diagnostics;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo login</c></summary>
internal static class Login
{
    private static readonly Option<bool> Device = new("--device") { Description = "Sign in with a browser on another machine, by typing a code there" };

    public static Command Create(Surroundings surroundings) =>
        new Command("login", "Sign in to a zoo: with the browser here, with one elsewhere, or with --token") { Device }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var asked = invocation.Connect();
        var url = asked.Connection.Url;
        var login = invocation.Token is { } token
            ? new Credentials.Login("", token, null)
            : invocation.Value(Device) ? await ByDeviceAsync(invocation, url, ct)
            : await SignInAsync(invocation, url, ct);

        using var zoo = new ZooClient(new Connection(url, login.Token, "login"), invocation.Surroundings.Time);
        var me = await zoo.Users.MeAsync(ct);
        invocation.Logins.Save(url, login with { UserName = me.Name });
        invocation.Answer(me, output => output.WriteLine($"signed in to {url.GetLeftPart(UriPartial.Authority)} as {me.Name}"));
    }

    /// <summary>The browser's sign-in gives access for minutes; with it a personal token is made, which stays until logout.</summary>
    private static async Task<Credentials.Login> SignInAsync(Invocation invocation, Uri url, CancellationToken ct)
    {
        var time = invocation.Surroundings.Time;
        var access = await BrowserSignIn.RunAsync(url, time, address => Show(invocation, address), ct);
        using var zoo = new ZooClient(new Connection(url, access, null), time);
        var token = await zoo.Tokens.CreateAsync(new CreateToken($"zoo on {Environment.MachineName}", Scopes.OfUsers), ct);
        return new Credentials.Login("", token.Token!, token.Id);
    }

    /// <summary>Its access token lives for minutes and is refreshed, for up to 30 days; it makes no personal token, which needs the scope admin.</summary>
    private static async Task<Credentials.Login> ByDeviceAsync(Invocation invocation, Uri url, CancellationToken ct)
    {
        var tokens = await DeviceSignIn.RunAsync(url, invocation.Surroundings.Time, (address, code) =>
        {
            invocation.Say($"open this address in a browser, sign in there, and type {code}:");
            invocation.Say(address);
        }, ct);
        return new Credentials.Login("", tokens.AccessToken, null, tokens.RefreshToken, tokens.ExpiresAt);
    }

    private static void Show(Invocation invocation, string address)
    {
        invocation.Say("open this address in a browser on this machine and sign in:");
        invocation.Say(address);
        if (invocation.Surroundings.ErrorIsTerminal && invocation.Surroundings.Read("DISPLAY") is not null)
        {
            try
            {
                using var browser = Process.Start(new ProcessStartInfo("xdg-open") { ArgumentList = { address }, RedirectStandardError = true });
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is none to open; the address is on the screen.
            }
        }
    }
}
