using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>Artifact and Catalog as Benchmark sees them: two feeds and the files of revisions, over HTTP.</summary>
public sealed class Neighbours : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(Guid Repository, string Revision), Dictionary<string, byte[]>> _files = new();
    private readonly ConcurrentDictionary<(Guid Repository, string Name), string> _names = new();
    private readonly ConcurrentDictionary<(Guid Repository, string Revision), ModelFileState[]> _inspected = new();
    private readonly Feed<RepositoryState> _repositories = new();
    private readonly Feed<ModelState> _models = new();
    private readonly WebApplication _artifact;
    private readonly WebApplication _catalog;

    private Neighbours()
    {
        _artifact = NewApp();
        _artifact.MapGet("/internal/changes", (long after, int wait, CancellationToken ct) => Answer(() => _repositories.PageAsync(after, wait, ct)));
        _artifact.MapGet("/internal/repositories/{id:guid}/revisions/{revision}", (Guid id, string revision) =>
            (_files.ContainsKey((id, revision)) ? revision : _names.GetValueOrDefault((id, revision))) is { } found
                ? Results.Json(new RevisionView(found, null, "", "", "", DateTimeOffset.UnixEpoch, 1, 1), ZooJson.Options)
                : Results.NotFound());
        _artifact.MapGet("/internal/repositories/{id:guid}/revisions/{revision}/tree", (Guid id, string revision) =>
            _files.TryGetValue((id, revision), out var files)
                ? Results.Json(new Page<TreeEntryView>([.. files.Select(file => new TreeEntryView(file.Key, "file", Hash(file.Value), file.Value.Length, false, true, ""))]), ZooJson.Options)
                : Results.NotFound());
        _artifact.MapGet("/internal/repositories/{id:guid}/revisions/{revision}/files/{**path}", (Guid id, string revision, string path) =>
            _files.TryGetValue((id, revision), out var files) && files.TryGetValue(path, out var bytes) ? Results.Bytes(bytes) : Results.NotFound());
        _catalog = NewApp();
        // Waits less than it is asked to: whoever sets a reader back by its database would wait as long.
        _catalog.MapGet("/internal/changes", (long after, int wait, CancellationToken ct) => Answer(() => _models.PageAsync(after, Math.Min(wait, 1), ct)));
        _catalog.MapGet("/internal/models/{id:guid}/revisions/{revision}/files", (Guid id, string revision) =>
            _inspected.TryGetValue((id, revision), out var files) ? Results.Json(new Page<ModelFileState>(files), ZooJson.Options) : Results.NotFound());
    }

    public string ArtifactUrl => _artifact.Urls.First();

    public string CatalogUrl => _catalog.Urls.First();

    public static async Task<Neighbours> StartAsync()
    {
        var neighbours = new Neighbours();
        await neighbours._artifact.StartAsync();
        await neighbours._catalog.StartAsync();
        return neighbours;
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Artifact tells of a repository with these files at its head.</summary>
    public void Push(RepositoryState repository, Dictionary<string, byte[]> files)
    {
        if (repository.Head is not null)
        {
            _files[(repository.Id, repository.Head)] = files;
        }

        _repositories.Add(repository.Id, repository);
    }

    /// <summary>Another revision, which no feed tells of.</summary>
    public void PutRevision(RepositoryState repository, string revision, Dictionary<string, byte[]> files, params ModelFileState[] inspected)
    {
        _files[(repository.Id, revision)] = files;
        _inspected[(repository.Id, revision)] = inspected;
    }

    /// <summary>A branch or tag.</summary>
    public void Name(Guid repository, string name, string revision) => _names[(repository, name)] = revision;

    /// <summary>Catalog tells what it read.</summary>
    public void Inspect(RepositoryState repository, params ModelFileState[] files) => _models.Add(repository.Id, new ModelState(
        repository.Id, repository.Owner, repository.Name, repository.Visibility, repository.Readers, repository.Head, repository.Name,
        null, null, null, null, null, [], ["onnx"], null, [], null, 0, null, files, repository.CreatedAt, repository.UpdatedAt));

    public void Delete(Guid repository) => _repositories.Add(repository, null);

    /// <summary>Artifact's database was restored: another feed, with nothing in it yet.</summary>
    public void RestoreArtifact() => _repositories.Replace();

    public async ValueTask DisposeAsync()
    {
        await _artifact.DisposeAsync();
        await _catalog.DisposeAsync();
    }

    private static WebApplication NewApp()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        return app;
    }

    private static async Task<IResult> Answer<T>(Func<Task<T>> answer) => Results.Json(await answer(), ZooJson.Options);

    private sealed class Feed<TState> where TState : class
    {
        private Guid _id = Guid.CreateVersion7();
        private readonly List<Change<TState>> _changes = [];

        public void Replace()
        {
            lock (_changes)
            {
                _changes.Clear();
                _id = Guid.CreateVersion7();
            }
        }

        public void Add(Guid subject, TState? state)
        {
            lock (_changes)
            {
                var next = _changes.Count == 0 ? 1 : _changes[^1].Sequence + 1;
                _changes.RemoveAll(change => change.Subject == subject);
                _changes.Add(new Change<TState>(next, subject, "test", state is null, state));
            }
        }

        public async Task<ChangePage<TState>> PageAsync(long after, int waitSeconds, CancellationToken ct)
        {
            for (var clock = System.Diagnostics.Stopwatch.StartNew(); ;)
            {
                lock (_changes)
                {
                    var items = _changes.Where(change => change.Sequence > after).Take(200).ToList();
                    if (items.Count > 0 || clock.Elapsed.TotalSeconds >= waitSeconds)
                    {
                        return new ChangePage<TState>(_id, items.Count == 0 ? after : items[^1].Sequence, items);
                    }
                }

                await Task.Delay(20, ct);
            }
        }
    }
}
