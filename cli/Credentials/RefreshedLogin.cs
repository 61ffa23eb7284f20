using System.Net.Http.Headers;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Sends the access token of a sign-in by device, and buys the next one shortly before it dies.</summary>
/// <remarks>The stored login is read anew each time: another process may have refreshed it, and a refresh token that is used twice ends the sign-in.</remarks>
internal sealed class RefreshedLogin(HttpMessageHandler inner, Uri zoo, Func<LoginStore> open, TimeProvider time) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim oneAtATime = new(1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(ct));
        return await base.SendAsync(request, ct);
    }

    protected override void Dispose(bool disposing)
    {
        oneAtATime.Dispose();
        base.Dispose(disposing);
    }

    private async Task<string> TokenAsync(CancellationToken ct)
    {
        await oneAtATime.WaitAsync(ct);
        try
        {
            var logins = open();
            var advice = $"./zoo login --device --url {zoo.GetLeftPart(UriPartial.Authority)}";
            var login = logins.Find(zoo) ?? throw new Refusal("you have signed out meanwhile", advice);
            if (login.RefreshToken is not { } refresh || login.ExpiresAt > time.GetUtcNow() + Margin)
            {
                return login.Token;
            }
            using var request = DeviceSignIn.Form("", ("grant_type", "refresh_token"), ("client_id", BrowserSignIn.Client), ("refresh_token", refresh));
            request.RequestUri = new Uri(zoo, "/connect/token");
            using var answer = await base.SendAsync(request, ct);
            if (answer.StatusCode == System.Net.HttpStatusCode.BadRequest)
            {
                throw new Refusal("your sign-in has ended", advice);
            }
            answer.EnsureSuccessStatusCode();
            var tokens = await DeviceSignIn.ReadAsync(answer, time, ct);
            logins.Update(zoo, login with { Token = tokens.AccessToken, RefreshToken = tokens.RefreshToken, ExpiresAt = tokens.ExpiresAt });
            return tokens.AccessToken;
        }
        finally
        {
            oneAtATime.Release();
        }
    }
}
