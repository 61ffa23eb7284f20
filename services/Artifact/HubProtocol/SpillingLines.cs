using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A body of JSON lines, read one by one in little memory: a string longer than 64 KiB goes to a file as it comes, and its place in the
/// line is taken by a mark that nobody can guess. So a commit with 100 MB of files in its lines costs a buffer.</summary>
internal sealed class SpillingLines : IDisposable
{
    private const int BufferBytes = 64 * 1024, SpillBytes = 64 * 1024, MaxLineBytes = 1 << 20;

    private readonly Stream _body;
    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly string _mark = $"spilled:{RandomNumberGenerator.GetHexString(32)}:";
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private readonly byte[] _line = ArrayPool<byte>.Shared.Rent(MaxLineBytes);
    private readonly List<string> _files = [];
    private int _at, _filled, _length, _stringBegin;
    private long _read;
    private bool _inString, _escaped;
    private SpilledText? _spill;

    /// <param name="folder">Where files go while a line is worked on; they are gone with the next one.</param>
    public SpillingLines(Stream body, string folder, long maxBytes) => (_body, _folder, _maxBytes) = (body, folder, maxBytes);

    /// <summary>The next line that is not empty; null at the end. What the last one opened is gone.</summary>
    /// <exception cref="BadHttpRequestException">It is no JSON (400), or larger than this takes (413).</exception>
    public async Task<JsonElement?> ReadAsync(CancellationToken ct)
    {
        DeleteFiles();
        while (true)
        {
            if (_at < _filled && Scan())
            {
                if (Parse() is { } line) return line;
                continue;
            }
            (_at, _filled) = (0, await _body.ReadAsync(_buffer, ct));
            if ((_read += _filled) > _maxBytes) throw TooLarge($"The commit is larger than {_maxBytes} bytes. Send large files by LFS, or split it.");
            if (_filled == 0) return Parse();
        }
    }

    /// <summary>The bytes of a string of the current line, in UTF-8.</summary>
    /// <param name="sizeBytes">How many there are.</param>
    public Stream Open(JsonElement text, out long sizeBytes)
    {
        var value = text.GetString() ?? "";
        Stream stream = value.StartsWith(_mark, StringComparison.Ordinal)
            ? new FileStream(_files[int.Parse(value.AsSpan(_mark.Length), provider: System.Globalization.CultureInfo.InvariantCulture)], FileMode.Open, FileAccess.Read)
            : new MemoryStream(Encoding.UTF8.GetBytes(value));
        sizeBytes = stream.Length;
        return stream;
    }

    /// <summary>Is it one of the long strings?</summary>
    public bool IsSpilled(string? text) => text?.StartsWith(_mark, StringComparison.Ordinal) == true;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        ArrayPool<byte>.Shared.Return(_line);
        DeleteFiles();
    }

    /// <summary>Goes through what is in the buffer; true: a line is complete.</summary>
    private bool Scan()
    {
        while (_at < _filled)
        {
            var rest = _buffer.AsSpan(_at, _filled - _at);
            if (_escaped)
            {
                Take(rest[..1]);
                (_at, _escaped) = (_at + 1, false);
                continue;
            }
            var stop = _inString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny((byte)'"', (byte)'\n');
            Take(stop < 0 ? rest : rest[..stop]);
            _at += stop < 0 ? rest.Length : stop + 1;
            if (stop < 0) return false;
            switch (rest[stop])
            {
                case (byte)'\n':
                    return true;
                case (byte)'\\':
                    Take(rest.Slice(stop, 1));
                    _escaped = true;
                    break;
                default:
                    _spill?.ShouldBeWhole();
                    EndSpill();
                    Append("\""u8);
                    _inString = !_inString;
                    _stringBegin = _length;
                    break;
            }
        }
        return false;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (_spill is not null)
        {
            _spill.Write(bytes);
            return;
        }
        if (_inString && _length - _stringBegin + bytes.Length > SpillBytes)
        {
            var path = Path.Combine(_folder, Guid.CreateVersion7().ToString());
            _spill = new SpilledText(path);
            _files.Add(path);
            _spill.Write(_line.AsSpan(_stringBegin, _length - _stringBegin));
            _length = _stringBegin;
            Append(Encoding.ASCII.GetBytes($"{_mark}{_files.Count - 1}"));
            _spill.Write(bytes);
            return;
        }
        Append(bytes);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > MaxLineBytes) throw TooLarge("A line of the commit is too long.");
        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }

    private void EndSpill()
    {
        _spill?.Dispose();
        _spill = null;
    }

    private JsonElement? Parse()
    {
        EndSpill();
        var line = _line.AsMemory(0, _length);
        (_length, _inString, _escaped) = (0, false, false);
        if (line.Span.Trim(" \t\r"u8).IsEmpty) return null;
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(line.Span, LenientJson.Options);
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("A line of the body is not JSON.", e);
        }
    }

    private void DeleteFiles()
    {
        foreach (var file in _files) File.Delete(file);
        _files.Clear();
        EndSpill();   // last: on a full disk it throws
    }

    private static BadHttpRequestException TooLarge(string message) => new(message, StatusCodes.Status413PayloadTooLarge);
}
