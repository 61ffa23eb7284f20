using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>A log for programs: <c>logs/&lt;service&gt;.jsonl</c> in the data folder, a JSON object a line. docs/logging.md says the fields.</summary>
/// <remarks>
/// Records wait in memory for the one that writes, a few milliseconds; what a kill -9 finds there is lost, the rest is not. When the disk
/// takes no more, records are dropped and the next one that is written says how many: a log never stops a service.
/// At <see cref="MaxFileBytes"/> the file becomes <c>.1</c>, and so on up to <c>.4</c>.
/// </remarks>
internal sealed class JsonLogFile : ILoggerProvider
{
    private const long MaxFileBytes = 10 << 20;
    private const int OldFiles = 4;

    private readonly Channel<byte[]> _records = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly string _path;
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly Task _writing;
    private int _dropped;

    public JsonLogFile(string folder, string service, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, $"{service}.jsonl");
        _service = service;
        _time = time;
        _writing = Task.Run(WriteAsync);
    }

    public static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        _records.Writer.TryComplete();
        _writing.Wait(TimeSpan.FromSeconds(2));
    }

    private async Task WriteAsync()
    {
        FileStream? file = null;
        try
        {
            await foreach (var record in _records.Reader.ReadAllAsync())
            {
                try
                {
                    if (file?.Length > MaxFileBytes)
                    {
                        await file.DisposeAsync();
                        file = null;
                        for (var i = OldFiles - 1; i >= 0; i--)
                            if (File.Exists(Old(i))) File.Move(Old(i), Old(i + 1), overwrite: true);
                    }
                    file ??= new FileStream(_path, new FileStreamOptions
                    {
                        Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    });
                    await file.WriteAsync(record);
                    if (_records.Reader.Count == 0) await file.FlushAsync();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Interlocked.Increment(ref _dropped);
                }
            }
        }
        finally
        {
            if (file is not null) await file.DisposeAsync();
        }
    }

    private string Old(int age) => age == 0 ? _path : $"{_path}.{age}";

    private void Add(string category, LogLevel level, EventId id, string message, object? state, Exception? exception)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))   // escapes every control character: a record stays one line
        {
            json.WriteStartObject();
            json.WriteString("time", _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(level));
            json.WriteString("service", _service);
            json.WriteNumber("event", id.Id);
            if (id.Name is { } name) json.WriteString("name", name);
            json.WriteString("category", category);
            json.WriteString("message", LogText.Of(message));
            if (Activity.Current is { } activity)
            {
                json.WriteString("trace", activity.TraceId.ToString());
                json.WriteString("span", activity.SpanId.ToString());
            }
            if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } fields) WriteFields(json, fields);
            if (exception is not null) json.WriteString("exception", LogText.Of(exception.ToString()));
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped) json.WriteNumber("dropped", dropped);
            json.WriteEndObject();
        }
        bytes.Write("\n"u8);
        if (!_records.Writer.TryWrite(bytes.WrittenSpan.ToArray())) Interlocked.Increment(ref _dropped);
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields)
        {
            if (name == "{OriginalFormat}") continue;
            switch (value)
            {
                case null: json.WriteNull(name); break;
                case int number: json.WriteNumber(name, number); break;
                case long number: json.WriteNumber(name, number); break;
                case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
                case bool yes: json.WriteBoolean(name, yes); break;
                default: json.WriteString(name, LogText.Of(Convert.ToString(value, CultureInfo.InvariantCulture))); break;
            }
        }
        json.WriteEndObject();
    }

    private sealed class Category(JsonLogFile file, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) file.Add(name, logLevel, eventId, formatter(state, exception), state, exception);
        }
    }
}
