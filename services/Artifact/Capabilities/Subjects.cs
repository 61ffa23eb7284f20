using System.Net;
using Microsoft.Extensions.Caching.Memory;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Artifact.Capabilities;

/// <summary>Asks Identity what a subject may do now, and keeps each answer for less than the five seconds in which a right may still seem to last.
/// Callers who come at once share one question.</summary>
internal sealed class Subjects(IHttpClientFactory clients, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private readonly Lock _asking = new();

    /// <returns>Null: the subject, or what they came with, is no more.</returns>
    /// <exception cref="HttpRequestException">Identity is out of reach.</exception>
    public async Task<Caller?> FindAsync(string subject, string? clientId, CancellationToken ct)
    {
        if (subject == InternalClaims.Anonymous) return Caller.Of(Nobody());
        if (clientId is null) return null;
        var key = (subject, clientId);
        Task<Caller?>? answer;
        lock (_asking)
        {
            // An answer that failed is asked for again.
            if (!_answers.TryGetValue(key, out answer) || answer!.IsFaulted || answer.IsCanceled)
            {
                answer = AskAsync(subject, clientId);
                _answers.Set(key, answer, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = s_life });
            }
        }
        return await answer.WaitAsync(ct);
    }

    public void Dispose() => _answers.Dispose();

    private async Task<Caller?> AskAsync(string subject, string clientId)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            using var identity = clients.CreateClient(ServiceClients.Own("identity"));
            using var response = await identity.PostAsJsonAsync("/internal/callers", new CallerRequest(subject, clientId), ZooJson.Options, patience.Token);
            if (response.StatusCode == HttpStatusCode.NotFound) return null;
            response.EnsureSuccessStatusCode();
            return Caller.Of((await response.Content.ReadFromJsonAsync<InternalClaims>(ZooJson.Options, patience.Token))!);
        }
        catch (OperationCanceledException e)
        {
            throw new HttpRequestException("Identity did not answer in time.", e);
        }
    }

    private InternalClaims Nobody()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return new InternalClaims(InternalClaims.Platform, InternalClaims.Platform, InternalClaims.Anonymous, now, now, "", Scopes.Read);
    }
}
