using System.Net;
using System.Text;

namespace ZooPlatform.Identity.Keys;

/// <summary>Where other services fetch the signing keys from Identity over HTTP, Identity asks itself.</summary>
internal sealed class OwnKeys(KeyRing keys) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new StringContent(keys.Published().ToJsonString(), Encoding.UTF8, "application/json"),
        });
}
