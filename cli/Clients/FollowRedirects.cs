using System.Net;

namespace ZooPlatform.Cli.Clients;

/// <summary>Follows redirects of reads, five at most. The credential goes along within the zoo (a repository was renamed), and nowhere else.</summary>
internal sealed class FollowRedirects(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int AtMost = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var answer = await base.SendAsync(request, ct);
        for (var followed = 0; followed < AtMost && LeadsTo(request, answer) is { } target; followed++)
        {
            answer.Dispose();
            if (target.GetLeftPart(UriPartial.Authority) != request.RequestUri!.GetLeftPart(UriPartial.Authority))
            {
                request.Headers.Authorization = null;
            }
            request.RequestUri = target;
            answer = await base.SendAsync(request, ct);
        }
        return answer;
    }

    private static Uri? LeadsTo(HttpRequestMessage request, HttpResponseMessage answer)
    {
        if (answer.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head) || answer.Headers.Location is not { } location)
        {
            return null;
        }
        var target = new Uri(request.RequestUri!, location);
        return target.Scheme == Uri.UriSchemeHttps || target.Scheme == request.RequestUri!.Scheme ? target : null;   // never from https to http
    }
}
