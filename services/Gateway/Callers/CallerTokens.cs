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
    public sealed record Swapped(string Token, string? Subject) : SwapOutcome;
    public sealed record Refused : SwapOutcome;
    public sealed record Unreachable : SwapOutcome;
}

/// <summary>Swaps credentials for internal tokens at Identity, and keeps each answer for at most five seconds.</summary>
/// <remarks>Kept by the SHA-256 of the credential, never by the credential. Callers who come at once share one question.</remarks>
internal sealed class CallerTokens(IHttpClientFactory clients, IOptions<GatewayOptions> options, TimeProvider time, ILogger<CallerTokens> logger) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>Subject and the timestamp of its last change, for as long as an older answer may be there.</summary>
    private readonly MemoryCache _changed = new(new MemoryCacheOptions { SizeLimit = 100_000 });
    private readonly Lock _asking = new();

    public async Task<SwapOutcome> SwapAsync(Credential credential, CancellationToken ct)
    {
        var key = KeyOf(credential);
        Kept? forgotten = null;
        while (true)
        {
            Kept? kept;
            bool known;
            lock (_asking)
            {
                known = _answers.TryGetValue(key, out kept) && kept != forgotten;
                if (!known)
                {
                    var askedAt = time.GetTimestamp();
                    kept = new Kept(AskAsync(credential), askedAt);
                    _answers.Set(key, kept, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Life });
                }
            }
            Measures.TokenSwap(fromCache: known);
            var outcome = await kept!.Answer.WaitAsync(ct);
            if (outcome is SwapOutcome.Unreachable) _answers.Remove(key);
            // Asked before its subject changed, answered before or after: what it says may be of before.
            if (outcome is not SwapOutcome.Swapped { Subject: { } subject } || !_changed.TryGetValue(subject, out long at) || at < kept.AskedAt) return outcome;
            forgotten = kept;
        }
    }

    /// <summary>The next request with this credential asks Identity anew.</summary>
    public void Forget(Credential credential) => _answers.Remove(KeyOf(credential));

    /// <summary>Whatever was kept of this subject, or is being asked for now, counts no more.</summary>
    public void ForgetSubject(string subject) =>
        _changed.Set(subject, time.GetTimestamp(), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Life + s_patience });

    public void Dispose()
    {
        _answers.Dispose();
        _changed.Dispose();
    }

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
            {
                var answer = (await response.Content.ReadFromJsonAsync<SwapAnswer>(ZooJson.Options, patience.Token))!;
                return new SwapOutcome.Swapped(answer.Token, answer.Subject);
            }
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

    private sealed record Kept(Task<SwapOutcome> Answer, long AskedAt);

    private sealed record ProblemType(string? Type);
}
