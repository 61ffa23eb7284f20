using System.Net.Http.Json;

namespace Meilisearch;

/// <summary>Turns refusals and broken connections into this client's exceptions.</summary>
public class MeilisearchMessageHandler : DelegatingHandler
{
    public MeilisearchMessageHandler()
    {
    }

    public MeilisearchMessageHandler(HttpMessageHandler innerHandler)
        : base(innerHandler)
    {
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                return answer;
            }

            using (answer)
            {
                throw answer.Content.Headers.ContentLength is 0
                    ? new MeilisearchApiError(answer.StatusCode, answer.ReasonPhrase)
                    : new MeilisearchApiError(await answer.Content.ReadFromJsonAsync<MeilisearchApiErrorContent>(cancellationToken).ConfigureAwait(false));
            }
        }
        catch (HttpRequestException e)
        {
            throw new MeilisearchCommunicationError("CommunicationError", e);
        }
    }
}
