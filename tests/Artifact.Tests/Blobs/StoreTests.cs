using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.Local;
using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>What every store of blobs does, asked of the local disk and of a bucket of Ceph's gateway.</summary>
public sealed class StoreTests(ArtifactApp local, ArtifactOnS3 s3) : IClassFixture<ArtifactApp>, IClassFixture<ArtifactOnS3>
{
    public static TheoryData<string> Stores => CephGateway.SkipReason is null ? ["local", "s3"] : ["local"];

    [Theory, MemberData(nameof(Stores))]
    public async Task What_is_kept_is_there_whole_and_from_any_place_and_its_file_is_gone(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(3_000_000);
        Assert.Empty(Directory.EnumerateFileSystemEntries(zoo.Spool.Temporary));
        Assert.True(await zoo.Store.LookAsync(blob, default));
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
        await using var stream = (await zoo.Store.OpenAsync(blob, default, 2_999_990))!;
        foreach (var (offset, count) in new[] { (2_999_990, 10), (0, 1), (1, 2_000_000), (2_000_001, 999_999), (1_048_575, 2), (5, 5) })
        {
            var part = new byte[count];
            stream.Position = offset;
            await stream.ReadExactlyAsync(part);
            Assert.Equal(content[offset..(offset + count)], part);
        }
        stream.Position = 3_000_000;
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_blob_larger_than_a_part_comes_back_byte_for_byte(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(12_345_678);
        Assert.Equal(blob.Hash, BlobHash.Of(SHA256.HashData((await zoo.Store.ReadAsync(blob, default))!)));
        await using var stream = (await zoo.Store.OpenAsync(blob, default))!;
        var buffer = new byte[12_345_678];
        Assert.Equal(content.Length, await Task.Run(() => stream.ReadAtLeast(buffer, buffer.Length)));   // who has a thread to spare
        Assert.Equal(content, buffer);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Keeping_again_changes_nothing_and_mends_what_was_damaged(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(1000);
        await zoo.KeepAsync(content);
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
        await zoo.DamageAsync(blob, new byte[1000]);
        await zoo.KeepAsync(content);
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => zoo.KeepAsync(content)));
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Many_are_kept_at_once_and_open_in_their_order(string store)
    {
        var zoo = Open(store);
        var contents = Enumerable.Range(0, 60).Select(i => UploadTests.RandomBytes(i * 31)).ToList();
        contents.Add(contents[7]);
        var folder = Directory.CreateDirectory(zoo.Spool.NewFile()).FullName;
        var files = contents.Select((content, i) => (Path: Path.Combine(folder, $"{i}"), Blob: RefOf(content))).ToList();
        for (var i = 0; i < files.Count; i++) await File.WriteAllBytesAsync(files[i].Path, contents[i]);
        await using (await zoo.Store.KeepAllAsync(files, default)) await zoo.NoteAsync([.. files.Select(file => file.Blob).Distinct()]);
        Directory.Delete(folder);   // empty
        Assert.Empty(await zoo.Store.FindLostAsync([.. files.Select(file => file.Blob)], default));
        var read = new List<byte[]>();
        await foreach (var (blob, stream) in zoo.Store.OpenAllAsync(files.Select(file => file.Blob).Append(RefOf([1, 2, 3])), blob => blob, new Suspects(), default))
        {
            if (stream is null) break;
            var content = new byte[blob.SizeBytes];
            await stream.ReadExactlyAsync(content);
            read.Add(content);
        }
        Assert.Equal(contents, read);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Another_size_or_hash_is_not_there(string store)
    {
        var zoo = Open(store);
        var (blob, _) = await zoo.KeepAsync(1000);
        BlobRef longer = blob with { SizeBytes = 1001 }, shorter = blob with { SizeBytes = 999 }, unknown = RefOf(UploadTests.RandomBytes(9));
        var lost = await zoo.Store.FindLostAsync([blob, longer, shorter, unknown], default);
        Assert.Equivalent(new[] { longer, shorter, unknown }, lost, strict: true);
        foreach (var wrong in new[] { longer, shorter, unknown })
        {
            Assert.False(await zoo.Store.LookAsync(wrong, default));
            Assert.Null(await zoo.Store.OpenAsync(wrong, default));
        }
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_empty_blob_is_a_blob(string store)
    {
        var zoo = Open(store);
        var (blob, _) = await zoo.KeepAsync([]);
        Assert.True(await zoo.Store.LookAsync(blob, default));
        Assert.Empty((await zoo.Store.ReadAsync(blob, default))!);
        Assert.IsType<AtRest.Sound>(await zoo.Store.ScrubAsync(blob, _ => default, default));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Ranges_are_copied_into_a_file_and_never_from_beyond_the_end(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(2_500_000);
        var path = zoo.Spool.NewFile();
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            Assert.True(await zoo.Store.CopyRangeAsync(blob.Hash, 100, 2_000_000, file, 50, default));
            Assert.True(await zoo.Store.CopyRangeAsync(blob.Hash, 0, 50, file, 0, default));
            Assert.False(await zoo.Store.CopyRangeAsync(blob.Hash, 2_499_999, 2, file, 0, default));
            Assert.False(await zoo.Store.CopyRangeAsync(blob.Hash, 9_999_999, 2, file, 0, default));
            Assert.False(await zoo.Store.CopyRangeAsync(RefOf(UploadTests.RandomBytes(9)).Hash, 0, 2, file, 0, default));
        }
        Assert.Equal(content[..50].Concat(content[100..2_000_100]), await File.ReadAllBytesAsync(path));
        File.Delete(path);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_sweep_deletes_what_was_decided_and_never_what_came_meanwhile(string store)
    {
        var zoo = Open(store);
        var ((doomed, _), (stays, _), (again, content), (noted, _)) = (await zoo.KeepAsync(1001), await zoo.KeepAsync(1002), await zoo.KeepAsync(1003), await zoo.KeepAsync(1004));
        await zoo.Store.DeleteAsync([doomed.Hash, stays.Hash, again.Hash, noted.Hash], async () =>
        {
            await zoo.ForgetAsync(doomed, again, noted);
            await zoo.KeepAsync(content);   // the same bytes, just now
            await zoo.NoteAsync([noted]);   // they came before, and their row comes only now
            return [doomed.Hash, again.Hash, noted.Hash];
        }, zoo.NamedAsync, default);
        Assert.True(await zoo.Store.LookAsync(noted, default));
        Assert.False(await zoo.Store.LookAsync(doomed, default));
        Assert.True(await zoo.Store.LookAsync(stays, default));
        Assert.True(await zoo.Store.LookAsync(again, default));
        await zoo.Store.DeleteAsync([doomed.Hash], async () =>
        {
            await Task.Yield();
            return [doomed.Hash];
        }, zoo.NamedAsync, default);   // there is none: nothing happens
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Bytes_that_are_kept_and_not_noted_yet_stay_when_a_sweep_deletes_an_older_row(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(1007);
        await using (await zoo.KeepUnnotedAsync(content))
        {
            await zoo.Store.DeleteAsync([blob.Hash], async () =>
            {
                await zoo.ForgetAsync(blob);
                return [blob.Hash];
            }, zoo.NamedAsync, default);
            await zoo.NoteAsync([blob]);
        }
        Assert.True(await zoo.Store.LookAsync(blob, default));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Bytes_that_come_while_their_blob_is_swept_are_there_afterwards(string store)
    {
        var zoo = Open(store);
        var content = UploadTests.RandomBytes(2000);
        var blob = RefOf(content);
        for (var i = 0; i < 25; i++)
        {
            await zoo.KeepAsync(content);
            var sweep = Task.Run(() => zoo.Store.DeleteAsync([blob.Hash], async () =>
            {
                await zoo.ForgetAsync(blob);
                return [blob.Hash];
            }, zoo.NamedAsync, default));
            await Task.WhenAll(sweep, Task.Run(async () =>
            {
                // As an upload: it is noted after it was kept. A row that the sweep took afterwards is the sweep's.
                await Task.Delay(Random.Shared.Next(6));
                await zoo.KeepAsync(content);
            }));
            // What its row says is so. A local file may go before its row comes; that is seen, and whoever commits it sends it again.
            if ((await zoo.Store.FindLostAsync([blob], default)).Count == 0) Assert.True(await zoo.Store.LookAsync(blob, default), $"Lost in round {i}.");
        }
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Orphans_go_once_they_are_old_and_nothing_else_does(string store)
    {
        var zoo = Open(store);
        var ((named, _), (orphan, _)) = (await zoo.KeepAsync(900), await zoo.KeepAsync(901));
        await zoo.ForgetAsync(orphan);
        await zoo.OrphansAsync(TimeProvider.System.GetUtcNow().AddHours(-1));
        Assert.True(await zoo.Store.LookAsync(orphan, default));
        var kept = RefOf([7, 7, 7]);
        await using (await zoo.KeepUnnotedAsync([7, 7, 7]))
        {
            // What a kill leaves of puts in parts, and of copies.
            if (store == "s3")
                foreach (var key in new[] { s3.Bucket.KeyOf(kept.Hash), s3.Bucket.KeyOf(orphan.Hash), s3.Bucket.DamagedKeyOf(orphan.Hash) })
                    await s3.Bucket.AskAsync(client => client.InitiateMultipartUploadAsync(s3.Bucket.Name, key), default);
            await zoo.OrphansAsync(TimeProvider.System.GetUtcNow().AddMinutes(5));
            Assert.False(await zoo.Store.LookAsync(orphan, default));
            Assert.True(await zoo.Store.LookAsync(named, default));
            if (store == "s3")
            {
                Assert.True(await zoo.Store.LookAsync(kept, default));   // on the local disk its age alone protects it
                Assert.Equal(s3.Bucket.KeyOf(kept.Hash), Assert.Single(await UnfinishedAsync()).Key);
            }
        }
        await zoo.OrphansAsync(TimeProvider.System.GetUtcNow().AddMinutes(5));
        if (store == "s3") Assert.Empty(await UnfinishedAsync());
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task What_is_damaged_at_rest_is_found_and_taken_away_unless_it_came_anew(string store)
    {
        var zoo = Open(store);
        var (blob, content) = await zoo.KeepAsync(700_000);
        var read = 0L;
        Assert.IsType<AtRest.Sound>(await zoo.Store.ScrubAsync(blob, at => { read = at; return default; }, default));
        Assert.Equal(700_000, read);
        var rotten = content.ToArray();
        rotten[500_000] ^= 1;
        await zoo.DamageAsync(blob, rotten);
        var renewed = false;
        Assert.IsType<AtRest.Renewed>(await zoo.Store.ScrubAsync(blob, async _ =>
        {
            if (!renewed) await zoo.KeepAsync(content);
            renewed = true;
        }, default));
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
        await zoo.DamageAsync(blob, rotten);
        var damaged = Assert.IsType<AtRest.Damaged>(await zoo.Store.ScrubAsync(blob, _ => default, default));
        Assert.Equal(BlobHash.Of(SHA256.HashData(rotten)).Value, damaged.Actual);
        Assert.Contains($"damaged/{blob.Hash}", damaged.Place, StringComparison.Ordinal);
        Assert.False(await zoo.Store.LookAsync(blob, default));
        Assert.Null(await zoo.Store.OpenAsync(blob, default));
        Assert.IsType<AtRest.Damaged>(await zoo.Store.ScrubAsync(blob, _ => default, default));
    }

    [CephFact]
    public async Task A_put_that_is_cancelled_or_of_other_bytes_leaves_nothing()
    {
        var zoo = Open("s3");
        var (content, other) = (UploadTests.RandomBytes(12_000_000), UploadTests.RandomBytes(12_000_000));
        foreach (var wait in new[] { 0, 40 })
        {
            using var stop = new CancellationTokenSource(wait);
            var path = zoo.Spool.NewFile();
            await File.WriteAllBytesAsync(path, content);
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
            try
            {
                await using var kept = await zoo.Store.KeepAsync(file, path, RefOf(content), stop.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.True(File.Exists(path));
                File.Delete(path);
                Assert.False(await zoo.Store.LookAsync(RefOf(content), default));
            }
            await s3.Objects.LoseAsync(Repo.Hash(content));   // it may have been quicker
        }
        foreach (var size in new[] { 1000, 12_000_000 })
        {
            var path = zoo.Spool.NewFile();
            await File.WriteAllBytesAsync(path, other[..size]);
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
            await Assert.ThrowsAsync<IOException>(() => zoo.Store.KeepAsync(file, path, RefOf(content[..size]), default));
            Assert.False(size == 1000 && await zoo.Store.LookAsync(RefOf(content[..size]), default));
            File.Delete(path);
        }
        Assert.Empty(await UnfinishedAsync());
    }

    [CephFact]
    public async Task A_delete_whose_answer_was_not_heard_lets_nobody_bring_the_same_bytes_until_it_cannot_come_any_more()
    {
        var zoo = Open("s3");
        var (blob, content) = await zoo.KeepAsync(1005);
        var marks = s3.Services.GetRequiredService<KeepMarks>();
        await zoo.ForgetAsync(blob);
        await Assert.ThrowsAsync<StoreUnreachableException>(() => marks.DeleteUnnamedAsync([blob.Hash], (_, _) => throw new StoreUnreachableException("cut", new IOException()), default));
        await zoo.KeepAsync(1006);   // others need not wait
        using var brief = new CancellationTokenSource(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => marks.MarkAsync([blob.Hash], brief.Token));
        Assert.False(await marks.IsMarkedAsync(blob.Hash, default));
        await zoo.ExecuteAsync("update blob_deletes set since = since - interval '20 seconds'");
        await zoo.KeepAsync(content);
        Assert.Equal(content, await zoo.Store.ReadAsync(blob, default));
        await zoo.ForgetAsync(blob);
        await marks.DeleteUnnamedAsync([blob.Hash], (_, _) => Task.CompletedTask, default);   // heard: nothing to wait for
        await zoo.KeepAsync(content);
    }

    private async Task<IReadOnlyList<Amazon.S3.Model.MultipartUpload>> UnfinishedAsync() =>
        (await s3.Bucket.AskAsync(client => client.ListMultipartUploadsAsync(s3.Bucket.Name), default)).MultipartUploads ?? [];

    private StoreOfAZoo Open(string store) => new(store == "s3" ? s3 : local);

    private static BlobRef RefOf(byte[] content) => new(BlobHash.Of(SHA256.HashData(content)), content.Length);

    /// <summary>A store, and the rows without which it may forget.</summary>
    private sealed class StoreOfAZoo(ArtifactApp app)
    {
        public IBlobStore Store { get; } = app.Services.GetRequiredService<IBlobStore>();

        public Spool Spool { get; } = app.Services.GetRequiredService<Spool>();

        public async Task<(BlobRef Blob, byte[] Content)> KeepAsync(int size)
        {
            var content = UploadTests.RandomBytes(size);
            return await KeepAsync(content);
        }

        public async Task<(BlobRef Blob, byte[] Content)> KeepAsync(byte[] content)
        {
            await using (await KeepUnnotedAsync(content)) await NoteAsync([RefOf(content)]);
            return (RefOf(content), content);
        }

        public Task<IAsyncDisposable> KeepUnnotedAsync(byte[] content) => Store.KeepAsync(Spool, content, RefOf(content).Hash, default);

        public Task NoteAsync(IReadOnlyList<BlobRef> blobs) => InDatabaseAsync(async db =>
        {
            foreach (var blob in blobs) await db.AddBlobAsync(new BlobFacts(blob.Hash, blob.SizeBytes, new string('0', 40), false), TimeProvider.System.GetUtcNow(), default);
        });

        public Task ForgetAsync(params BlobRef[] blobs) => InDatabaseAsync(async db =>
        {
            foreach (var blob in blobs) db.Blobs.Remove((await db.Blobs.FindAsync(blob.Hash.Value))!);
            await db.SaveChangesAsync();
        });

        public Task ExecuteAsync(string sql) => InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql));

        public Task OrphansAsync(DateTimeOffset before) => Store.DeleteOrphansAsync(before, NamedAsync, default);

        public async Task<IReadOnlySet<BlobHash>> NamedAsync(IReadOnlyCollection<BlobHash> hashes)
        {
            var named = new HashSet<BlobHash>();
            await InDatabaseAsync(async db =>
            {
                foreach (var hash in hashes)
                    if (await db.Blobs.FindAsync(hash.Value) is not null) named.Add(hash);
            });
            return named;
        }

        public Task DamageAsync(BlobRef blob, byte[] content) =>
            app is ArtifactOnS3 s3 ? s3.Objects.OverwriteAsync(blob.Hash.Value, content) : File.WriteAllBytesAsync(app.Services.GetRequiredService<LocalBlobs>().PathOf(blob.Hash), content);

        private async Task InDatabaseAsync(Func<ArtifactDb, Task> work)
        {
            await using var scope = app.Services.CreateAsyncScope();
            await work(scope.ServiceProvider.GetRequiredService<ArtifactDb>());
        }
    }
}
