using System.Text.Json.Serialization;
using ZooPlatform.Cli.Clients;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Tokens of an OAuth sign-in.</summary>
/// <param name="RefreshToken">Buys the next access token, once.</param>
/// <param name="ExpiresAt">When the access token dies.</param>
internal sealed record OAuthTokens(string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt);

/// <summary>Signs a person in who has no browser on this machine: they type a code in one elsewhere (RFC 8628).</summary>
internal static class DeviceSignIn
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    // No admin: the zoo gives it to nobody by way of a typed code.
    private const string Scope = "read write infer";

    /// <param name="show">Shows the person the address to open and the code to type.</param>
    public static async Task<OAuthTokens> RunAsync(Uri zoo, TimeProvider time, Action<string, string> show, CancellationToken ct)
    {
        // 1. A code for us, and one for the person.
        using var http = new ZooHttp(new Connection(zoo, null, null), time);
        using var asked = await http.SendAsync(Form("/connect/device", ("client_id", BrowserSignIn.Client), ("scope", Scope)), ct);
        var started = await ZooHttp.ReadAsync<Started>(asked, ct);
        show(started.VerificationUri, started.UserCode);

        // 2. Until they have decided, ask as often as the zoo lets us.
        var wait = TimeSpan.FromSeconds(started.Interval);
        while (true)
        {
            await Task.Delay(wait, time, ct);
            try
            {
                using var answer = await http.SendAsync(
                    Form("/connect/token", ("grant_type", Grant), ("client_id", BrowserSignIn.Client), ("device_code", started.DeviceCode)), ct);
                return await ReadAsync(answer, time, ct);
            }
            catch (ApiRefusal refusal) when (refusal.Type == "authorization_pending")
            {
                // Not yet.
            }
            catch (ApiRefusal refusal) when (refusal.Type == "slow_down")
            {
                wait += TimeSpan.FromSeconds(5);
            }
            catch (ApiRefusal refusal) when (refusal.Type is "access_denied" or "expired_token")
            {
                throw new Refusal(
                    refusal.Type == "access_denied" ? "the sign-in was denied in the browser" : "nobody typed the code in time", "./zoo login --device again");
            }
        }
    }

    public static HttpRequestMessage Form(string path, params (string Name, string Value)[] fields) => new(HttpMethod.Post, path)
    {
        Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
    };

    public static async Task<OAuthTokens> ReadAsync(HttpResponseMessage answer, TimeProvider time, CancellationToken ct)
    {
        var granted = await ZooHttp.ReadAsync<Granted>(answer, ct);
        return new OAuthTokens(granted.AccessToken, granted.RefreshToken, time.GetUtcNow() + TimeSpan.FromSeconds(granted.ExpiresIn));
    }

    private sealed record Started(
        [property: JsonPropertyName("device_code")] string DeviceCode,
        [property: JsonPropertyName("user_code")] string UserCode,
        [property: JsonPropertyName("verification_uri")] string VerificationUri,
        [property: JsonPropertyName("interval")] int Interval);

    private sealed record Granted(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("refresh_token")] string RefreshToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
