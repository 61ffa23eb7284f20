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

    /// <summary>Has known chunks copied into the upload.</summary>
    /// <param name="chunks">A <see cref="ChunkList"/>; its chunks begin at <paramref name="offsetBytes"/> of the blob.</param>
    /// <returns>How many bytes were copied.</returns>
    public async Task<long> CopyKnownAsync(Guid id, long offsetBytes, byte[] chunks, CancellationToken ct)
    {
        using var answer = await SendBytesAsync(HttpMethod.Post, $"{Path}/{id}/chunks/{offsetBytes}", new ByteArrayContent(chunks), ct);
        return (await ZooHttp.ReadAsync<CopiedChunks>(answer, ct)).SizeBytes;
    }

    /// <summary>Sends bytes of the blob that begin at <paramref name="offsetBytes"/>, in any order with others.</summary>
    public async Task PutPartAsync(Guid id, long offsetBytes, Stream bytes, CancellationToken ct)
    {
        using var answer = await SendBytesAsync(HttpMethod.Put, $"{Path}/{id}/parts/{offsetBytes}", new StreamContent(bytes), ct);
    }

    public async Task<UploadView> CompleteAsync(Guid id, CancellationToken ct)
    {
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{Path}/{id}/complete"), ct);
        return await ZooHttp.ReadAsync<UploadView>(answer, ct);
    }

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

    private async Task<HttpResponseMessage> SendBytesAsync(HttpMethod method, string path, HttpContent content, CancellationToken ct)
    {
        using (content)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            return await http.SendAsync(new HttpRequestMessage(method, path) { Content = content }, ct);
        }
    }
}
