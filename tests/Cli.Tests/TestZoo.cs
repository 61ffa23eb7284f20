using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using ZooPlatform.Cli.Transfers;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Tests;

/// <summary>What the command line sees of a zoo: an HTTP server in this process that keeps repositories in memory, knows
/// nothing of accounts, and can be told to misbehave.</summary>
internal sealed class TestZoo : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, RepositoryView> repositories = [];
    private readonly ConcurrentDictionary<Guid, (UploadView View, MemoryStream Bytes)> uploads = [];
    private readonly List<(string Repository, RevisionView View, Dictionary<string, TreeEntryView> Files)> revisions = [];

    private TestZoo(Action<WebApplication>? routes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(o => ZooJson.Apply(o.SerializerOptions));
        app = builder.Build();
        app.Use(async (context, next) =>
        {
            lock (Requests)
            {
                Requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
                Authorizations.Add(context.Request.Headers.Authorization.ToString());
                Ranges.Add(context.Request.Headers.Range.ToString());
            }
            await next();
        });
        routes?.Invoke(app);
        MapRepositories();
        MapContent();
    }

    public string Url => app.Urls.Single();

    public List<string> Requests { get; } = [];

    public List<string> Authorizations { get; } = [];

    public List<string> Ranges { get; } = [];

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = [];

    /// <summary>The next bytes sent to an upload break off after so many.</summary>
    public int? CutUploadAfter { get; set; }

    /// <summary>So often "not yet" is answered while an upload is hashed: first as a proxy does that has waited too long.</summary>
    public int HashesFor { get; set; }

    /// <summary>The largest file that it takes.</summary>
    public long? MaxFileBytes { get; set; }

    /// <summary>What is written for a known chunk, of what it holds.</summary>
    public Func<byte[], byte[]> Copied { get; set; } = bytes => bytes;

    /// <summary>What a download gets, of what it should get.</summary>
    public Func<byte[], byte[]> Deliver { get; set; } = bytes => bytes;

    public static async Task<TestZoo> StartAsync(Action<WebApplication>? routes = null)
    {
        var zoo = new TestZoo(routes);
        await zoo.app.StartAsync();
        return zoo;
    }

    /// <summary>A repository whose main branch holds these files.</summary>
    public string Add(string repository, params (string Path, byte[] Content)[] files)
    {
        var (owner, name) = (repository.Split('/')[0], repository.Split('/')[1]);
        repositories[repository] = Repository(owner, name, Visibility.Public, null);
        foreach (var file in files)
        {
            Blobs[Sha256(file.Content)] = file.Content;
        }
        return Commit(repository, "first", files.Select(f => new FileOperation(f.Path, Sha256(f.Content)))).Id;
    }

    /// <summary>The main branch moves on.</summary>
    public void Change(string repository, string path, byte[] content)
    {
        Blobs[Sha256(content)] = content;
        Commit(repository, "changed", [new FileOperation(path, Sha256(content))]);
    }

    public IReadOnlyDictionary<string, TreeEntryView> FilesOf(string repository) => revisions.Last(r => r.Repository == repository).Files;

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private RepositoryView Repository(string owner, string name, Visibility visibility, string? description) => new(
        Guid.CreateVersion7(), owner, name, visibility, description, null, Role.Owner, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, MaxFileBytes);

    private RevisionView Commit(string repository, string message, IEnumerable<FileOperation> operations)
    {
        var files = revisions.LastOrDefault(r => r.Repository == repository).Files is { } before ? new Dictionary<string, TreeEntryView>(before) : [];
        foreach (var operation in operations)
        {
            files.Remove(operation.Path);
            if (operation.Sha256 is { } sha256)
            {
                files[operation.Path] = new TreeEntryView(operation.Path, "file", sha256, Blobs[sha256].Length, operation.Executable, false, sha256[..40]);
            }
        }
        var id = Convert.ToHexStringLower(SHA1.HashData(JsonSerializer.SerializeToUtf8Bytes(new { repository, revisions.Count, files })));
        var view = new RevisionView(
            id, repositories[repository].Head, id, message, "ada", DateTimeOffset.UnixEpoch, files.Count, files.Values.Sum(f => f.SizeBytes));
        revisions.Add((repository, view, files));
        repositories[repository] = repositories[repository] with { Head = id };
        return view;
    }

    private void MapRepositories()
    {
        var group = app.MapGroup("/api/v1/repositories");
        group.MapPost("/", (CreateRepository ask) =>
            Results.Ok(repositories[$"{ask.Owner}/{ask.Name}"] = Repository(ask.Owner, ask.Name, ask.Visibility, ask.Description)));
        group.MapGet("/{owner}/{name}", (string owner, string name) =>
            repositories.TryGetValue($"{owner}/{name}", out var found) ? Results.Ok(found) : Unknown($"{owner}/{name}"));
        group.MapGet("/{owner}/{name}/revisions/{revision}", (string owner, string name, string revision) =>
            Find(owner, name, revision) is { View: { } view } ? Results.Ok(view) : Unknown(revision));
        group.MapGet("/{owner}/{name}/tree/{revision}", (string owner, string name, string revision) =>
            Find(owner, name, revision) is { Files: { } files } ? Results.Ok(new Page<TreeEntryView>(files.Values.ToList())) : Unknown(revision));
        group.MapPost("/{owner}/{name}/revisions", (string owner, string name, CreateRevision ask) =>
            ask.ExpectedParent == repositories[$"{owner}/{name}"].Head
                ? Results.Ok(Commit($"{owner}/{name}", ask.Message, ask.Operations))
                : Results.Problem("The branch main moved on. Try pulling it first.", statusCode: 409, type: "urn:zoo:revision.parent-moved"));
    }

    private void MapContent()
    {
        app.MapPost("/api/v1/repositories/{owner}/{name}/blobs/missing", (MissingBlobs ask) =>
            new MissingBlobsAnswer(ask.Blobs.Where(b => !Blobs.ContainsKey(b.Sha256)).Select(b => b.Sha256).ToList()));
        app.MapPost("/api/v1/repositories/{owner}/{name}/blobs", async (HttpRequest request) =>
        {
            var stored = new List<BlobReference>();
            await foreach (var content in NetstringsAsync(request.Body))
            {
                Blobs[Sha256(content)] = content;
                stored.Add(new(Sha256(content), content.Length));
            }
            return new StoredBlobs(stored);
        });
        app.MapPost("/api/v1/repositories/{owner}/{name}/files/{revision}", (string owner, string name, string revision, GetFiles ask) =>
            Results.Bytes([.. ask.Paths.Select(path => Deliver(Blobs[Find(owner, name, revision).Files![path].Sha256!]))
                .SelectMany(bytes => (byte[])[.. Netstrings.Head(bytes.Length), .. bytes, .. Netstrings.Tail])]));
        app.MapPost("/api/v1/uploads", (CreateUpload ask) =>
        {
            var open = uploads.Values.FirstOrDefault(u => u.View.Sha256 == ask.Sha256).View
                ?? new UploadView(Guid.CreateVersion7(), ask.Sha256, ask.SizeBytes, 0, false, DateTimeOffset.UnixEpoch, [new ByteRange(0, ask.SizeBytes)]);
            uploads.TryAdd(open.Id, (open, new MemoryStream()));
            return open;
        });
        app.MapGet("/api/v1/uploads/{id:guid}", (Guid id) => uploads[id].View);
        app.MapPatch("/api/v1/uploads/{id:guid}", AppendAsync);
        app.MapPost("/api/v1/uploads/{id:guid}/chunks/{offset:long}", CopyKnownAsync);
        app.MapPut("/api/v1/uploads/{id:guid}/parts/{offset:long}", async (Guid id, long offset, HttpRequest request) =>
        {
            var part = new MemoryStream();
            await request.Body.CopyToAsync(part);
            Put(id, offset, part.ToArray());
        });
        app.MapPost("/api/v1/uploads/{id:guid}/complete", (Guid id) =>
        {
            var (view, bytes) = uploads[id];
            if (HashesFor-- > 0)
            {
                return Results.Problem("Another request is working on it.", statusCode: 409, type: "urn:zoo:upload.busy");
            }
            if (Sha256(bytes.ToArray()) != view.Sha256)
            {
                uploads.TryRemove(id, out _);
                return Results.Problem("Other bytes came.", statusCode: 422, type: "urn:zoo:blob.hash-mismatch");
            }
            Blobs[view.Sha256] = bytes.ToArray();
            return Results.Ok(view with { Complete = true });
        });
        app.MapGet("/api/v1/repositories/{owner}/{name}/chunks/{revision}/{**path}", (string owner, string name, string revision, string path) =>
            Find(owner, name, revision).Files?.GetValueOrDefault(path) is { } file ? Results.Bytes(Chunks(Blobs[file.Sha256!])) : Unknown(path));
        app.MapGet("/api/v1/repositories/{owner}/{name}/files/{revision}/{**path}", (string owner, string name, string revision, string path) =>
            Find(owner, name, revision).Files?.GetValueOrDefault(path) is { } file
                ? Results.Bytes(Deliver(Blobs[file.Sha256!]), enableRangeProcessing: true)
                : Unknown(path));
    }

    private static byte[] Chunks(byte[] content) => [.. Cut(content).SelectMany(chunk =>
    {
        var entry = new byte[ChunkList.EntryBytes];
        chunk.Hash.Write(entry);
        ChunkList.Write(entry, chunk.Bytes.Length);
        return entry;
    })];

    private static List<(XetHash Hash, byte[] Bytes)> Cut(byte[] content)
    {
        using var reader = new ChunkReader(new MemoryStream(content));
        var chunks = new List<(XetHash, byte[])>();
        while (reader.Next() is { } chunk)
        {
            chunks.Add((XetHash.OfChunk(chunk.Bytes.Span), chunk.Bytes.ToArray()));
        }
        return chunks;
    }

    private static async IAsyncEnumerable<byte[]> NetstringsAsync(Stream body)
    {
        while (await Netstrings.ReadHeadAsync(body, default) is { } size)
        {
            var content = new byte[size];
            await body.ReadExactlyAsync(content);
            await Netstrings.ReadTailAsync(body, default);
            yield return content;
        }
    }

    /// <summary>Chunks of any blob are known.</summary>
    private async Task<CopiedChunks> CopyKnownAsync(Guid id, long offset, HttpRequest request)
    {
        var known = Blobs.Values.SelectMany(Cut).DistinctBy(chunk => chunk.Hash).ToDictionary(chunk => chunk.Hash, chunk => chunk.Bytes);
        var list = new MemoryStream();
        await request.Body.CopyToAsync(list);
        var copied = 0L;
        foreach (var entry in list.ToArray().Chunk(ChunkList.EntryBytes))
        {
            if (known.TryGetValue(XetHash.Read(entry), out var bytes))
            {
                Assert.Equal(ChunkList.SizeOf(entry), bytes.Length);
                Put(id, offset, Copied(bytes));
                copied += bytes.Length;
            }
            offset += ChunkList.SizeOf(entry);
        }
        return new CopiedChunks(copied);
    }

    private void Put(Guid id, long offset, byte[] part)
    {
        lock (uploads)
        {
            var (view, bytes) = uploads[id];
            bytes.Position = offset;
            bytes.Write(part);
            var here = new Ranges();
            here.Add(offset, offset + part.Length);
            var missing = view.Missing!.SelectMany(gap => here.Gaps(view.SizeBytes).Select(free => (Begin: Math.Max(gap.OffsetBytes, free.Begin), End: Math.Min(gap.OffsetBytes + gap.SizeBytes, free.End))))
                .Where(gap => gap.Begin < gap.End).Select(gap => new ByteRange(gap.Begin, gap.End - gap.Begin)).ToList();
            uploads[id] = (view with { Missing = missing, OffsetBytes = missing is [var first, ..] ? first.OffsetBytes : view.SizeBytes }, bytes);
        }
    }

    private async Task<IResult> AppendAsync(Guid id, HttpContext context)
    {
        var (view, bytes) = uploads[id];
        if (context.Request.Headers["Upload-Offset"] != view.OffsetBytes.ToString())
        {
            return Results.Problem($"The upload is at {view.OffsetBytes}.", statusCode: 409);
        }
        var cut = CutUploadAfter;
        var buffer = new byte[1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, cut ?? buffer.Length)))) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if ((cut -= read) <= 0)
            {
                break;
            }
        }
        view = view with { OffsetBytes = bytes.Length };
        if (CutUploadAfter is not null)
        {
            CutUploadAfter = null;
            uploads[id] = (view, bytes);
            context.Abort();
            return Results.Empty;
        }
        if (HashesFor > 0)
        {
            uploads[id] = (view, bytes);
            return Results.Problem("The service said nothing for five minutes.", statusCode: 504, type: "urn:zoo:service.silent");
        }
        if (bytes.Length == view.SizeBytes)
        {
            view = view with { Complete = true };
            Blobs[view.Sha256] = bytes.ToArray();
        }
        uploads[id] = (view, bytes);
        return Results.Ok(view);
    }

    private (string Repository, RevisionView? View, Dictionary<string, TreeEntryView>? Files) Find(string owner, string name, string revision) =>
        revisions.LastOrDefault(r => r.Repository == $"{owner}/{name}" && (revision == "main" || r.View.Id == revision));

    private static IResult Unknown(string what) =>
        Results.Problem($"There is no {what} that you can see.", statusCode: 404, type: "urn:zoo:unknown");
}
