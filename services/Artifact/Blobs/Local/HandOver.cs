using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Where the framework would send a file's bytes, this names the file instead, for a gateway that has shown the store's id and so sees
/// the same folder: it sends them from there. Ranges and conditions are settled as always.</summary>
internal sealed class HandOver(IHttpResponseBodyFeature body, HttpResponse response, LocalBlobs store) : IHttpResponseBodyFeature
{
    public Stream Stream => body.Stream;

    public PipeWriter Writer => body.Writer;

    /// <summary>Takes the place of the response's body, if whoever asks has shown the store's id.</summary>
    public static void Use(HttpResponse response, LocalBlobs store)
    {
        var features = response.HttpContext.Features;
        if (response.HttpContext.Request.Headers[StoreHeaders.Id] == store.Id && features.Get<IHttpResponseBodyFeature>() is { } body)
            features.Set<IHttpResponseBodyFeature>(new HandOver(body, response, store));
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        var bytes = count ?? new FileInfo(path).Length - offset;
        response.Headers[StoreHeaders.File] = FormattableString.Invariant($"{store.NameOf(path)};{offset};{bytes}");
        response.ContentLength = 0;
        Measures.BlobSent(bytes);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    public Task CompleteAsync() => body.CompleteAsync();

    public void DisableBuffering() => body.DisableBuffering();
}
