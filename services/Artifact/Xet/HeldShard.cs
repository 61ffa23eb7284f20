using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>A shard that one request works on, for its caller and repository: the same one sent again waits meanwhile, in other processes too. It ends
/// with the process that holds it.</summary>
internal sealed class HeldShard : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private HeldShard(SafeFileHandle file, string path) => (_file, _path) = (file, path);

    /// <param name="hash">Of the shard's bytes.</param>
    public static async Task<HeldShard> WaitAsync(Spool spool, Guid repositoryId, Caller caller, byte[] hash, TimeProvider time, CancellationToken ct)
    {
        var name = SHA256.HashData([.. repositoryId.ToByteArray(), .. hash, .. Encoding.UTF8.GetBytes(caller.Subject)]);
        var path = Path.Combine(spool.Temporary, $"shard-{Convert.ToHexStringLower(name)}");
        while (true)
        {
            try
            {
                return new HeldShard(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), path);   // flock
            }
            catch (IOException e) when (Disk.IsHeld(e))
            {
                await Task.Delay(s_pause, time, ct);
            }
        }
    }

    public void Dispose()
    {
        File.Delete(_path);   // who opened it just before holds a file without a name, and at worst does the work again
        _file.Dispose();
    }
}
