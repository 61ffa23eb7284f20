using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>Does on a model disk what a process was seen doing on a real one, and looks at each moment at which something could be seen from
/// outside what a crash might leave then: after every change, and whenever PostgreSQL or a client is told something.</summary>
/// <param name="root">The folder that is the model.</param>
/// <param name="ignored">Calls that are taken as not made: what if the program forgot them?</param>
internal sealed partial class Replay(string root, Func<TracedCall, string, bool>? ignored = null)
{
    private static readonly string[] s_tells = ["sendto", "sendmsg", "writev"];
    private readonly Dictionary<int, OpenFile> _files = [];
    private readonly Dictionary<TracedCall, int> _before = new(ReferenceEqualityComparer.Instance);   // what a sync covers
    private readonly List<(Func<byte[], bool> Begins, Claim Claim)> _expected = [];
    private readonly List<(Func<byte[], bool> Ends, string What)> _released = [];
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    public ModelDisk Disk { get; } = new();

    /// <summary>What a crash might have broken of what was claimed. Stops at ten.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many crash states were looked at.</summary>
    public int States { get; private set; }

    /// <summary>At how many moments somebody was told something.</summary>
    public int Tellings { get; private set; }

    public IReadOnlyCollection<string> Claims => _claims.Keys;

    /// <summary>Claims that nothing told of.</summary>
    public IReadOnlyList<string> Untold => [.. _expected.Select(expected => expected.Claim.What)];

    /// <summary>Every subset of so many changes.</summary>
    public int Few { get; init; } = 8;

    /// <summary>And so many at random where there are more.</summary>
    public int AtRandom { get; init; } = 20;

    /// <summary>Something is promised once a packet says so.</summary>
    public void Expect(Func<byte[], bool> begins, Claim claim) => _expected.Add((begins, claim));

    /// <summary>And no longer once another one does.</summary>
    public void Release(Func<byte[], bool> ends, Claim claim) => _released.Add((ends, claim.What));

    public void Run(IEnumerable<TracedCall> calls)
    {
        // Calls overlap. What a call does has happened when it is over; what is said or closed, when it begins; and a sync covers what was over when it began.
        var events = calls.Where(call => call.Result >= 0).SelectMany(call => IsSync(call) ? [(call.Begun, call, Begins: true), (call.Done, call, Begins: false)]
            : new[] { s_tells.Contains(call.Name) || call.Name == "close" ? (call.Begun, call, Begins: true) : (call.Done, call, Begins: false) });
        foreach (var (_, call, begins) in events.OrderBy(one => one.Item1))
        {
            if (_violations.Count >= 10) return;
            if (IsSync(call) && begins) _before[call] = Disk.Changes;
            else if (s_tells.Contains(call.Name)) Tell(call);
            else Do(call);
        }
    }

    private void Tell(TracedCall call)
    {
        var said = call.Payload();
        Tellings++;
        foreach (var expected in _expected.Where(expected => expected.Begins(said)).ToList())
        {
            _expected.Remove(expected);
            _claims[expected.Claim.What] = expected.Claim;
        }
        // A blob's row: its file must be there before PostgreSQL hears of it.
        if (said.AsSpan().IndexOf("insert into blobs"u8) >= 0)
            foreach (Match name in Sha256().Matches(Encoding.Latin1.GetString(said)))
                if (Claim.Blob(name.Value) is var claim) _claims[claim.What] = claim;
        foreach (var released in _released.Where(released => released.Ends(said))) _claims.Remove(released.What);
        Check($"{call.Name} at line {call.Begun}");
    }

    private void Check(string when)
    {
        foreach (var claim in _claims.Values)
        {
            var changes = claim.DependsOn(Disk).Where(change => !change.Durable).Distinct().ToList();
            foreach (var kept in CrashStates.Of(changes, Few, AtRandom))
            {
                States++;
                if (claim.Holds(Disk, kept.Contains)) continue;
                _violations.Add($"{claim.What}: not after a crash at {when} that kept [{string.Join(", ", kept.Take(5))}] and lost [{string.Join(", ", changes.Except(kept).Take(5))}]");
                break;
            }
        }
    }

    private void Do(TracedCall call)
    {
        switch (call.Name)
        {
            case "openat":
                Open(call);
                return;
            case "close":
                _files.Remove(call.File);
                return;
            case "fsync" or "fdatasync" or "syncfs":
                if (_files.TryGetValue(call.File, out var synced) && ignored?.Invoke(call, synced.Path) != true) Sync(call, synced.Node);
                return;
            case "pwrite64" or "pwritev" or "write":
                if (!_files.TryGetValue(call.File, out var file)) return;
                var offset = call.Name == "write" ? file.Position : call.Numbers()[^1];
                file.Position = offset + call.Result;
                Disk.Write((ModelFile)file.Node, offset, call.Payload().AsSpan(0, (int)call.Result));
                break;
            case "copy_file_range":
                var numbers = CopyArguments().Match(call.Arguments);
                if (!_files.TryGetValue(call.File, out var from) || !_files.TryGetValue(int.Parse(numbers.Groups[2].ValueSpan), out var to)) return;
                Disk.Write((ModelFile)to.Node, long.Parse(numbers.Groups[3].ValueSpan), ((ModelFile)from.Node).Content(_ => true).AsSpan((int)long.Parse(numbers.Groups[1].ValueSpan), (int)call.Result));
                break;
            case "ftruncate":
                if (!_files.TryGetValue(call.File, out var cut)) return;
                Disk.Truncate((ModelFile)cut.Node, call.Numbers()[^1]);
                break;
            default:
                if (!Name(call)) return;
                break;
        }
        Check($"{call.Name} at line {call.Done}");
    }

    private bool Name(TracedCall call)
    {
        if (call.Name is not ("mkdir" or "mkdirat" or "rename" or "renameat" or "renameat2" or "link" or "linkat" or "unlink" or "unlinkat" or "rmdir")) throw new InvalidOperationException($"The model knows nothing of {call.Name}.");
        var paths = call.Paths();
        if (!TryParent(paths[^1], out var parent, out var name)) return false;
        switch (call.Name)
        {
            case "mkdir" or "mkdirat":
                Disk.MakeFolder(parent, name);
                break;
            case "unlink" or "unlinkat" or "rmdir":
                Disk.Unlink(parent, name);
                break;
            default:
                if (!TryParent(paths[0], out var source, out var old)) throw new InvalidOperationException($"'{paths[0]}' came from outside the model.");
                if (call.Name is "link" or "linkat") Disk.Link(parent, name, source.Now(old)!);
                else Disk.Rename(source, old, parent, name);
                if (Path.GetFileName(paths[^1]) is var blob && Sha256().IsMatch(blob) && paths[^1].StartsWith($"{root}/blobs/", StringComparison.Ordinal) && Claim.NothingHalf(blob) is var claim)
                    _claims[claim.What] = claim;
                break;
        }
        return true;
    }

    private void Open(TracedCall call)
    {
        var number = (int)call.Result;
        _files.Remove(number);
        var path = call.Paths()[0];
        if (path == root)
        {
            _files[number] = new OpenFile("", Disk.Root);
            return;
        }
        if (!TryParent(path, out var parent, out var name)) return;
        if (parent.Now(name) is not { } node)
        {
            if (!call.Has("O_CREAT")) throw new InvalidOperationException($"'{path}' was opened and is not in the model.");
            node = Disk.MakeFile(parent, name);
        }
        else if (call.Has("O_TRUNC"))
        {
            Disk.Truncate((ModelFile)node, 0);
        }
        _files[number] = new OpenFile(path[(root.Length + 1)..], node);
    }

    private void Sync(TracedCall call, ModelNode node)
    {
        if (call.Name == "syncfs") Disk.SyncAll(_before[call]);
        else node.Sync(_before[call]);
    }

    private bool TryParent(string path, out ModelFolder parent, out string name)
    {
        (parent, name) = (Disk.Root, "");
        if (!path.StartsWith($"{root}/", StringComparison.Ordinal)) return false;
        var parts = path[(root.Length + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts[..^1]) parent = parent.Now(part) as ModelFolder ?? throw new InvalidOperationException($"'{path}' is in no folder of the model.");
        name = parts[^1];
        return true;
    }

    private static bool IsSync(TracedCall call) => call.Name is "fsync" or "fdatasync" or "syncfs";

    /// <summary>A packet that holds all of these.</summary>
    public static Func<byte[], bool> Says(params object[] parts)
    {
        var bytes = parts.Select(part => part switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            Guid id => id.ToByteArray(bigEndian: true),   // as PostgreSQL is told
            long number => BigEndian(number),
            _ => throw new ArgumentException(part.ToString()),
        }).ToArray();
        return said => bytes.All(part => said.AsSpan().IndexOf(part) >= 0);
    }

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^[0-9]+, \[([0-9]+)[^\]]*\], ([0-9]+), \[([0-9]+)[^\]]*\]")]
    private static partial Regex CopyArguments();

    private sealed class OpenFile(string path, ModelNode node)
    {
        public string Path => path;

        public ModelNode Node => node;

        public long Position { get; set; }
    }
}
