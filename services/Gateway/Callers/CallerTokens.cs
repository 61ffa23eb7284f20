using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Gateway.Callers;

internal abstract record SwapOutcome
{
    public sealed record Swapped(string Token) : SwapOutcome;
    public sealed record Refused : SwapOutcome;
    public sealed record Unreachable : SwapOutcome;
}

/// <summary>Swaps credentials for internal tokens at Identity, and keeps each answer for at most five seconds.</summary>
/// <remarks>Kept by the SHA-256 of the credential, never by the credential. Callers who come at once share one question.</remarks>
internal sealed class CallerTokens(IHttpClientFactory clients, IOptions<GatewayOptions> options, ILogger<CallerTokens> logger) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = 100_000 });
    private readonly Lock _asking = new();

    public async Task<SwapOutcome> SwapAsync(Credential credential, CancellationToken ct)
    {
        var key = KeyOf(credential);
        Task<SwapOutcome> answer;
        bool kept;
        lock (_asking)
        {
            kept = _answers.TryGetValue(key, out answer!);
            if (!kept)
            {
                answer = AskAsync(credential);
                _answers.Set(key, answer, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Life });
            }
        }
        Measures.TokenSwap(fromCache: kept);
        var outcome = await answer.WaitAsync(ct);
        if (outcome is SwapOutcome.Unreachable) _answers.Remove(key);
        return outcome;
    }

    /// <summary>The next request with this credential asks Identity anew.</summary>
    public void Forget(Credential credential) => _answers.Remove(KeyOf(credential));

    public void Dispose() => _answers.Dispose();

    private static string KeyOf(Credential credential) =>
        $"{credential.Kind}:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(credential.Value ?? "")))}";

    private TimeSpan Life => options.Value.SwapLife > TimeSpan.Zero ? options.Value.SwapLife : TimeSpan.FromTicks(1);

    /// <remarks>Not bound to one caller's request: others may wait for the same answer.</remarks>
    private async Task<SwapOutcome> AskAsync(Credential credential)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            using var identity = clients.CreateClient(ServiceClients.Own("identity"));
            using var response = await identity.PostAsJsonAsync(
                "/internal/tokens/swap", new SwapRequest(credential.Kind, credential.Value), ZooJson.Options, patience.Token);
            if (response.IsSuccessStatusCode)
                return new SwapOutcome.Swapped((await response.Content.ReadFromJsonAsync<SwapAnswer>(ZooJson.Options, patience.Token))!.Token);
            // 401 is about the caller only if Identity says so; else it is about us.
            if (response.StatusCode == HttpStatusCode.Unauthorized && await IsAboutCallerAsync(response, patience.Token)) return new SwapOutcome.Refused();
            logger.IdentityUnreachable($"it answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            logger.IdentityUnreachable(e.Message);
        }
        return new SwapOutcome.Unreachable();
    }

    private static async Task<bool> IsAboutCallerAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var problem = await response.Content.ReadFromJsonAsync<ProblemType>(ct);
        return problem?.Type == "urn:zoo:credential.refused";
    }

    private sealed record ProblemType(string? Type);
}
