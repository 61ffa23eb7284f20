using System.Net;
using System.Security.Cryptography;
using Xunit;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>An upload that is cut, by the network or by a kill, goes on where it was.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class UploadTests(RunningZoo running)
{
    [Fact]
    public async Task A_cut_upload_goes_on_where_it_was_cut()
    {
        var repository = await running.NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var upload = await http.CreateUploadAsync(repository, Uploads.Hash(bytes), bytes.Length);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.PatchUploadAsync(upload, 0, new CutContent(bytes)));
        // What was on its way may still arrive: then the offset that was read is refused, and is read again.
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var offset = await http.OffsetAsync(upload);
            Assert.InRange(offset, 0, bytes.Length - 1);
            using var rest = await http.PatchUploadAsync(upload, offset, new ByteArrayContent(bytes[(int)offset..]));
            Assert.True(rest.IsSuccessStatusCode, await rest.Content.ReadAsStringAsync());
        });
        await http.FinishUploadAsync(upload);
        using var commit = await http.CommitAsync(repository, null, ("a.bin", Uploads.Hash(bytes)));
        commit.EnsureSuccessStatusCode();
        Assert.Equal(bytes, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/a.bin"));
    }

    [Fact]
    public async Task Killed_between_upload_and_commit_Artifact_comes_back_with_what_it_acknowledged()
    {
        var repository = await running.NewRepositoryAsync();
        using var http = running.Http(running.AdminToken);
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        var whole = await http.CreateUploadAsync(repository, Uploads.Hash(bytes), bytes.Length);
        using (var sent = await http.PatchUploadAsync(whole, 0, new ByteArrayContent(bytes))) sent.EnsureSuccessStatusCode();
        await http.FinishUploadAsync(whole);
        var half = RandomNumberGenerator.GetBytes(2_000_000);
        var begun = await http.CreateUploadAsync(repository, Uploads.Hash(half), half.Length);
        using (var sent = await http.PatchUploadAsync(begun, 0, new ByteArrayContent(half[..1_000_000]))) sent.EnsureSuccessStatusCode();

        await running.KillAsync("artifact");
        Assert.Equal(1_000_000, await http.OffsetAsync(begun));
        using (var rest = await http.PatchUploadAsync(begun, 1_000_000, new ByteArrayContent(half[1_000_000..]))) rest.EnsureSuccessStatusCode();
        await http.FinishUploadAsync(begun);
        using var commit = await http.CommitAsync(repository, null, ("whole.bin", Uploads.Hash(bytes)), ("half.bin", Uploads.Hash(half)));
        commit.EnsureSuccessStatusCode();
        Assert.Equal(bytes, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/whole.bin"));
        Assert.Equal(half, await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/half.bin"));
    }

    private sealed class CutContent(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await Task.Delay(300);
            throw new IOException("cut");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
