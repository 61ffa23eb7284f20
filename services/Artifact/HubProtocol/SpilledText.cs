using System.Text;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A long JSON string on its way into a file: escapes are resolved, so that the file holds the text itself in UTF-8.</summary>
internal sealed class SpilledText : IDisposable
{
    private readonly FileStream _file;
    private State _state;
    private int _code, _digits;
    private char _high;

    public SpilledText(string path) => _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024);

    private enum State
    {
        Plain,
        Escape,
        Unicode,
    }

    /// <param name="raw">The next bytes between the quotes, as they stand in the JSON; may break off anywhere.</param>
    /// <exception cref="BadHttpRequestException">No JSON string has this in it.</exception>
    public void Write(ReadOnlySpan<byte> raw)
    {
        while (raw.Length > 0)
        {
            if (_state == State.Plain)
            {
                var stop = raw.IndexOf((byte)'\\');
                var plain = stop < 0 ? raw : raw[..stop];
                if (plain.ContainsAnyInRange((byte)0, (byte)0x1F)) throw Bad();
                if (_high != 0 && plain.Length > 0) throw Bad();
                _file.Write(plain);
                if (stop < 0) return;
                raw = raw[(stop + 1)..];
                _state = State.Escape;
            }
            else
            {
                Escaped(raw[0]);
                raw = raw[1..];
            }
        }
    }

    /// <summary>The string ends here.</summary>
    /// <exception cref="BadHttpRequestException">In the middle of an escape, or after half a character.</exception>
    public void ShouldBeWhole()
    {
        if (_state != State.Plain || _high != 0) throw Bad();
    }

    public void Dispose() => _file.Dispose();

    private void Escaped(byte b)
    {
        if (_state == State.Unicode)
        {
            if (!char.IsAsciiHexDigit((char)b)) throw Bad();
            _code = (_code << 4) | Convert.ToInt32(((char)b).ToString(), 16);
            if (++_digits == 4) Put((char)_code);
            return;
        }
        if (b == (byte)'u')
        {
            (_state, _code, _digits) = (State.Unicode, 0, 0);
            return;
        }
        Put((char)b switch { '"' => '"', '\\' => '\\', '/' => '/', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => throw Bad() });
    }

    private void Put(char c)
    {
        _state = State.Plain;
        if (char.IsHighSurrogate(c) && _high == 0)
        {
            _high = c;
            return;
        }
        // Both halves of a character, or one whole.
        if (char.IsLowSurrogate(c) != (_high != 0) || char.IsHighSurrogate(c)) throw Bad();
        var rune = _high == 0 ? new Rune(c) : new Rune(_high, c);
        _high = '\0';
        Span<byte> utf8 = stackalloc byte[4];
        _file.Write(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    private static BadHttpRequestException Bad() => new("A string in the body is not as JSON has it.");
}
