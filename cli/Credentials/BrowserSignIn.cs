using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ZooPlatform.Cli.Clients;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Signs a person in with the browser: authorization code with PKCE, answered on this machine's loopback (RFC 8252).</summary>
internal static class BrowserSignIn
{
    public const string Client = "zoo-cli";
    private const string Scope = "read write infer admin";

    /// <summary>An access token; it lives for minutes.</summary>
    /// <param name="show">Shows the person the address to open.</param>
    public static async Task<string> RunAsync(Uri zoo, TimeProvider time, Action<string> show, CancellationToken ct)
    {
        // 1. A secret that only this process knows, a state that ties the answer to this attempt.
        var verifier = Random256();
        var state = Random256();
        using var listener = new LoopbackListener();

        // 2. The person signs in and agrees, in the browser.
        show(new Uri(zoo, "/connect/authorize" + ZooHttp.Query(
            ("response_type", "code"), ("client_id", Client), ("redirect_uri", listener.RedirectUri), ("scope", Scope),
            ("state", state), ("code_challenge", Challenge(verifier)), ("code_challenge_method", "S256"))).AbsoluteUri);

        // 3. The browser brings the code here.
        var answer = await listener.ReceiveAsync(state, ct);
        if (answer.GetValueOrDefault("error") is { } error)
        {
            throw new Refusal($"the zoo did not sign you in: {answer.GetValueOrDefault("error_description") ?? error}", "./zoo login again");
        }
        // A code from another issuer is not for this zoo (RFC 9207).
        if (answer.GetValueOrDefault("iss") is { } issuer && issuer.TrimEnd('/') != zoo.GetLeftPart(UriPartial.Authority))
        {
            throw new Refusal($"the answer came from {issuer}, not from {zoo}", $"./zoo login --url {issuer}");
        }

        // 4. Code and secret buy the token.
        using var http = new ZooHttp(new Connection(zoo, null, null), time);
        using var granted = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = Client,
                ["code"] = answer.GetValueOrDefault("code") ?? throw new Refusal("the zoo's answer held no code", "./zoo login again"),
                ["redirect_uri"] = listener.RedirectUri,
                ["code_verifier"] = verifier,
            }),
        }, ct);
        return (await ZooHttp.ReadAsync<Granted>(granted, ct)).AccessToken;
    }

    private static string Random256() => Base64Url(RandomNumberGenerator.GetBytes(32));

    private static string Challenge(string verifier) => Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private sealed record Granted([property: JsonPropertyName("access_token")] string AccessToken);
}
