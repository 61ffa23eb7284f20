using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>The model itself: small programs, really run and traced, that keep a blob well or forget something.</summary>
public sealed class ModelDiskTests
{
    [Theory]
    [InlineData(true, "write", "sync file", "rename", "sync folder", "tell")]
    [InlineData(true, "write", "sync all", "rename", "sync all", "tell")]
    [InlineData(true, "write", "sync file", "rename", "sync folder", "rename away", "rename back", "tell")]
    [InlineData(false, "write", "rename", "sync folder", "tell")]                    // no fsync of the file
    [InlineData(false, "write", "rename", "sync target", "sync folder", "tell")]     // renamed before it was synced: for a moment half a file stands there
    [InlineData(false, "write", "sync file", "rename", "tell")]                      // no fsync of the folder
    [InlineData(false, "write", "sync file", "rename", "tell", "sync folder")]       // too late
    [InlineData(false, "sync file", "write", "rename", "sync folder", "tell")]       // too early
    [InlineData(false, "write half", "sync file", "write", "rename", "sync folder", "tell")]
    [InlineData(false, "write", "sync all", "rename", "tell")]
    [InlineData(false, "write", "sync file", "rename", "sync folder", "tell", "remove")]
    [InlineData(false, "write", "sync file", "rename", "sync source", "new folder", "tell")]
    public async Task A_program_that_forgets_something_is_caught(bool good, params string[] steps)
    {
        using var folder = new Tool();
        var content = RandomNumberGenerator.GetBytes(3 * ModelDisk.BlockBytes + 100);
        var sha256 = Repo.Hash(content);
        await File.WriteAllBytesAsync(folder.At("content"), content);
        var (root, blob) = (folder.At("root"), folder.At("root", Claim.BlobPath(sha256)));
        var (half, of) = ($"{root}/temporary/1", Path.GetDirectoryName(blob));
        await File.WriteAllTextAsync(folder.At("program"), $$"""
            use strict; use Fcntl; use Socket; use IO::Handle;
            sub bytes { open(my $f, '<:raw', '{{folder.At("content")}}') or die; local $/; return scalar <$f>; }
            sub put { my $all = shift; sysopen(my $f, '{{half}}', O_WRONLY | O_CREAT) or die; for (my $at = 0; $at < length $all; $at += 5000) { syswrite($f, substr($all, $at, 5000)) or die; } }
            sub synced { sysopen(my $f, shift, O_RDONLY) or die; $f->sync or die; }
            sub all_synced { sysopen(my $f, '{{root}}', O_RDONLY) or die; syscall(306, fileno($f)) == 0 or die; }
            mkdir $_ or die for '{{root}}', '{{root}}/temporary', '{{root}}/blobs', '{{Path.GetDirectoryName(of)}}', '{{of}}';
            { sysopen(my $f, '{{half}}', O_WRONLY | O_CREAT) or die; }
            all_synced();
            {{string.Join('\n', steps.Select(step => step switch
            {
                "write" => "put(bytes());",
                "write half" => "put(substr(bytes(), 0, 5000));",
                "sync file" => $"synced('{half}');",
                "sync target" => $"synced('{blob}');",
                "sync all" => "all_synced();",
                "rename" => $"rename '{half}', '{blob}' or die;",
                "rename away" => $"mkdir '{root}/taken'; synced('{root}'); rename '{blob}', '{root}/taken/{sha256}.1' or die;",
                "rename back" => $"rename '{root}/taken/{sha256}.1', '{blob}' or die;",
                "sync folder" => $"synced('{of}');",
                "sync source" => $"synced('{root}/temporary');",
                "new folder" => $"rename '{of}', '{of}2' or die; mkdir '{of}'; rename '{of}2/{sha256}', '{blob}' or die; synced('{of}');",
                "tell" => $"socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC); send($a, 'insert into blobs {sha256} ', 0) or die;",
                "remove" => $"unlink '{blob}';",
                _ => throw new ArgumentException(step),
            }))}}
            """);
        await folder.RunAsync("strace", "-xx", "--string-limit=100000", "--signal=none", $"--output={folder.At("log")}", "-e",
            "trace=openat,close,write,rename,unlink,mkdir,fsync,syncfs,sendto", "-f", "perl", folder.At("program"));
        var replay = new Replay(root);
        replay.Run(TracedCall.Read(await File.ReadAllLinesAsync(folder.At("log"))));
        Assert.True(good == (replay.Violations.Count == 0), $"{string.Join(", ", steps)}: {(good ? string.Join('\n', replay.Violations) : "it was not caught")}");
        Assert.Equal(1, replay.Tellings);
        if (good) Assert.Equal(content, ((ModelFile)replay.Disk.Find(Claim.BlobPath(sha256), _ => true)!).Content(_ => true));
    }
}
