using System.Globalization;
using System.Net.Http.Headers;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

internal sealed class UploadsClient(ZooHttp http)
{
    private const string Path = "/api/v1/uploads";

    public Task<UploadView> CreateAsync(RepositoryName repository, string sha256, long sizeBytes, CancellationToken ct) =>
        http.SendJsonAsync<CreateUpload, UploadView>(HttpMethod.Post, Path, new(repository.ToString(), sha256, sizeBytes), ct);

    public Task<UploadView> GetAsync(Guid id, CancellationToken ct) => http.GetAsync<UploadView>($"{Path}/{id}", ct);

    /// <summary>Sends bytes that begin at <paramref name="offsetBytes"/> of the blob.</summary>
    public async Task<UploadView> AppendAsync(Guid id, long offsetBytes, Stream bytes, CancellationToken ct)
    {
        using var content = new StreamContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{Path}/{id}") { Content = content };
        request.Headers.Add("Upload-Offset", offsetBytes.ToString(CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request, ct);
        return await ZooHttp.ReadAsync<UploadView>(answer, ct);
    }
}
