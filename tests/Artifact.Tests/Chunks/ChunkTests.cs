using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Chunks;

public sealed class ChunkTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_changed_file_finds_its_unchanged_chunks_where_they_are()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var before = XetFiles.Random("chunks before", 6_000_000);
        await repo.PushAsync(null, ("model.bin", before));
        await MappedAsync(before);
        byte[] after = [.. before[..3_000_000], .. XetFiles.Random("inserted", 1000), .. before[3_000_000..]];
        var chunks = XetBodies.Chunks(after);
        var places = await FindAsync(repo.View.Id, ada, chunks);
        var stored = await File.ReadAllBytesAsync(Path.Combine(app.DataFolder, "artifact", "blobs", Repo.Hash(before)[..2], Repo.Hash(before)[2..4], Repo.Hash(before)));
        var found = 0L;
        foreach (var ((_, offset, length), place) in chunks.Zip(places))
        {
            if (place is null) continue;
            Assert.Equal(Repo.Hash(before), place.Blob.Value);
            Assert.True(stored.AsSpan((int)place.OffsetBytes, length).SequenceEqual(after.AsSpan(offset, length)));
            found += length;
        }
        Assert.InRange(found, after.Length - 400_000, after.Length - 1000);
    }

    [Fact]
    public async Task Bytes_that_were_gone_when_they_were_to_be_mapped_are_mapped_when_they_come_again()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("gone"), 300_000);
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var row = source.CreateCommand($"insert into blobs (sha256, size_bytes, git_id, plain, created_at, kept_at) values ('{Repo.Hash(content)}', 300000, '{new string('0', 40)}', false, now(), now())");
        await row.ExecuteNonQueryAsync();
        await repo.PutBlobAsync(XetFiles.Random(app.Fresh("wakes"), 300_000));
        row.CommandText = $"select damaged_at is not null from blobs where sha256 = '{Repo.Hash(content)}'";
        for (var i = 0; !(bool)(await row.ExecuteScalarAsync())!; i++)
        {
            Assert.True(i < 300, "Nobody looked for its file.");
            await Task.Delay(50);
        }
        await repo.PutBlobAsync(content);
        await MappedAsync(content);
    }

    [Fact]
    public async Task A_reader_of_a_file_is_told_its_chunks_and_nobody_else_is()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("listed"), 3_000_000);
        var revision = await repo.PushAsync(null, ("sub/model.bin", content), ("README.md", "# A card".Utf8()));
        await MappedAsync(content);
        using var answer = await repo.Http.GetAsync($"{repo.Url}/chunks/main/sub/model.bin");
        await answer.ShouldBeAsync(System.Net.HttpStatusCode.OK);
        var list = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(list.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(revision.Id, answer.Headers.GetValues("X-Revision").Single());
        Assert.Equal(
            XetBodies.Chunks(content).Select(chunk => (chunk.Hash, chunk.Length)),
            list.Chunk(ChunkList.EntryBytes).Select(entry => (Formats.Xet.XetHash.Read(entry), ChunkList.SizeOf(entry))));
        Assert.Empty(await repo.Http.GetByteArrayAsync($"{repo.Url}/chunks/main/README.md"));   // text is not cut
        await repo.Http.GetAsync($"{repo.Url}/chunks/main/sub").ShouldBeProblemAsync(404, "file.unknown");
        await repo.Http.GetAsync($"{repo.Url}/chunks/nothing/sub/model.bin").ShouldBeProblemAsync(404, "revision.unknown");
        await app.AUser().Http.GetAsync($"{repo.Url}/chunks/main/sub/model.bin").ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task What_others_keep_private_is_as_if_it_were_not_there()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("private"), 2_000_000);
        await repo.PushAsync(null, ("model.bin", content));
        await MappedAsync(content);
        var chunks = XetBodies.Chunks(content);
        var (eve, eves) = await app.ARepositoryAsync();
        Assert.All(await FindAsync(eves.View.Id, eve, chunks), Assert.Null);
        Assert.All(await FindAsync(repo.View.Id, eve, chunks), Assert.Null);
        var (_, own) = await app.ARepositoryAsync();
        Assert.All(await FindAsync(own.View.Id, ada, chunks), Assert.NotNull);

        var narrow = Caller.Of(TestTokens.ClaimsOf(ada.Id, ada.Name, only: [own.View.Id]));
        Assert.All(await FindAsync(own.View.Id, narrow, chunks), Assert.Null);
    }

    [Fact]
    public async Task What_a_caller_sent_is_theirs_before_it_is_committed_and_for_that_repository_alone()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("staged"), 500_000);
        await repo.PutBlobAsync(content);
        await MappedAsync(content);
        var chunks = XetBodies.Chunks(content);
        Assert.All(await FindAsync(repo.View.Id, ada, chunks), Assert.NotNull);
        Assert.All(await FindAsync((await app.ARepositoryAsync()).Repo.View.Id, ada, chunks), Assert.Null);
    }

    [Fact]
    public async Task What_everybody_may_read_helps_everybody()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        var content = XetFiles.Random(app.Fresh("public"), 500_000);
        await repo.PushAsync(null, ("model.bin", content));
        await MappedAsync(content);
        var (eve, eves) = await app.ARepositoryAsync();
        Assert.All(await FindAsync(eves.View.Id, eve, XetBodies.Chunks(content)), Assert.NotNull);
    }

    [Fact]
    public async Task A_file_made_of_pieces_of_others_finds_them_all()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var parts = new[] { "part one", "part two", "part three" }.Select(label => XetFiles.Random(label, 6_000_000)).ToArray();   // the same in every run: so are the hooks in them
        foreach (var part in parts)
        {
            await repo.PutBlobAsync(part);
            await MappedAsync(part);
        }
        byte[] made = [.. parts[2], .. parts[0], .. parts[1]];
        var places = await FindAsync(repo.View.Id, ada, XetBodies.Chunks(made));
        Assert.Equal(3, places.OfType<ChunkPlace>().Select(place => place.Blob).Distinct().Count());
        Assert.InRange(places.Count(place => place is null), 0, 8);   // the seams
    }

    [Fact]
    public async Task Text_and_small_files_are_not_mapped()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (text, small, large) = ("text".Utf8(), XetFiles.Random(app.Fresh("small"), 60_000), XetFiles.Random(app.Fresh("large"), 70_000));
        foreach (var content in new[] { text, small, large }) await repo.PutBlobAsync(content);
        await MappedAsync(large);
        await using var scope = app.Services.CreateAsyncScope();
        var hashes = new[] { Repo.Hash(text), Repo.Hash(small) };
        Assert.All(await scope.ServiceProvider.GetRequiredService<ArtifactDb>().Blobs.Where(blob => hashes.Contains(blob.Sha256)).ToListAsync(), blob => Assert.Null(blob.XetHash));
    }

    private Task<IReadOnlyList<ChunkPlace?>> FindAsync(Guid repository, Person person, IReadOnlyList<(Formats.Xet.XetHash Hash, int Offset, int Length)> chunks) =>
        FindAsync(repository, Caller.Of(TestTokens.ClaimsOf(person.Id, person.Name)), chunks);

    private async Task<IReadOnlyList<ChunkPlace?>> FindAsync(Guid repository, Caller caller, IReadOnlyList<(Formats.Xet.XetHash Hash, int Offset, int Length)> chunks)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FindChunks>().RunAsync(repository, caller, [.. chunks.Select(chunk => new ChunkRef(chunk.Hash, chunk.Length))], default);
    }

    private async Task MappedAsync(byte[] content)
    {
        var sha256 = Repo.Hash(content);
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        for (var i = 0; i < 300 && !await db.Blobs.AnyAsync(blob => blob.Sha256 == sha256 && blob.XetHash != null); i++) await Task.Delay(100);
        var hash = await db.Blobs.Where(blob => blob.Sha256 == sha256).Select(blob => blob.XetHash).SingleAsync();
        Assert.Equal(XetBodies.FileHash(content), Formats.Xet.XetHash.Read(hash).ToString());
    }
}
