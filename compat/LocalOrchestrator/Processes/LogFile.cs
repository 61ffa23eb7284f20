using System.Globalization;

namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>
/// The log of one resource: <c>name.log</c>, each line with its UTC time; at 10 MiB it becomes <c>name.log.1</c>, and
/// so on up to <c>.3</c>.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const long MaxBytes = 10 << 20;
    private const int Kept = 3;
    private const int Remembered = 20;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new();
    private readonly TimeProvider _time;
    private StreamWriter _writer;

    public LogFile(string path, TimeProvider time)
    {
        Path = path;
        _time = time;
        _writer = Open();
    }

    public string Path { get; }

    /// <summary>The newest lines, oldest first: what an error message about this resource quotes.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_gate)
            {
                return [.. _last];
            }
        }
    }

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            if (_writer.BaseStream.Length >= MaxBytes)
            {
                Rotate();
            }
            _writer.WriteLine($"{_time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {line}");
            _last.Enqueue(line);
            if (_last.Count > Remembered)
            {
                _last.Dequeue();
            }
        }
    }

    public void Dispose() => _writer.Dispose();

    private void Rotate()
    {
        _writer.Dispose();
        for (var n = Kept - 1; n >= 1; n--)
        {
            if (File.Exists($"{Path}.{n}"))
            {
                File.Move($"{Path}.{n}", $"{Path}.{n + 1}", overwrite: true);
            }
        }
        File.Move(Path, Path + ".1", overwrite: true);
        _writer = Open();
    }

    private StreamWriter Open() => new(new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
}
