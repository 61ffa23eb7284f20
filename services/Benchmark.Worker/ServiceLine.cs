using System.Buffers;
using System.Text.Json;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>The worker's end of the conversation (<see cref="Frame"/>). One thread reads and writes, and waits in the kernel: every
/// hand-over to another thread would cost a small model more than its run.</summary>
internal sealed class ServiceLine(Stream input, Stream output)
{
    private const int BufferBytes = 64 << 10;
    private readonly byte[] _in = new byte[BufferBytes];
    private readonly ArrayBufferWriter<byte> _out = new(BufferBytes);
    private int _start;
    private int _end;
    private long _payloadLeft;

    /// <summary>The next message; false when the service has closed. What was not read of the last payload is skipped.</summary>
    public bool TryHear(out ToWorker? message, out TensorsMessage? tensors)
    {
        (message, tensors) = (null, null);
        Span<byte> header = stackalloc byte[Frame.HeaderBytes];
        while (_payloadLeft > 0)
        {
            var skipped = Read(header[..(int)Math.Min(header.Length, _payloadLeft)]);
            if (skipped == 0)
            {
                return false;
            }

            _payloadLeft -= skipped;
        }

        if (!TryFill(header))
        {
            return false;
        }

        var frame = Frame.Read(header, long.MaxValue);
        _payloadLeft = frame.PayloadBytes;
        var bytes = new byte[frame.MessageBytes];
        if (!TryFill(bytes))
        {
            return false;
        }

        if (bytes is [TensorsMessage.Mark, ..])
        {
            tensors = TensorsMessage.Read(bytes);
        }
        else
        {
            message = JsonSerializer.Deserialize<ToWorker>(bytes);
        }

        return true;
    }

    /// <summary>The next bytes of the payload, straight to where they shall lie.</summary>
    public void ReadPayload(Span<byte> into)
    {
        _payloadLeft -= into.Length;
        if (!TryFill(into))
        {
            throw new EndOfStreamException("The service closed in the middle of a message.");
        }
    }

    public void Say(FromWorker message, ReadOnlySpan<byte> payload = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message);
        Begin(json.Length, payload.Length);
        Put(json);
        Put(payload);
        Flush();
    }

    /// <summary>Says what comes; the tensors' bytes follow by <see cref="Put"/>, then <see cref="Flush"/>.</summary>
    public void Begin(TensorsMessage message, long payloadBytes)
    {
        var head = new ArrayBufferWriter<byte>();
        message.WriteTo(head);
        Begin(head.WrittenCount, payloadBytes);
        Put(head.WrittenSpan);
    }

    public void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= BufferBytes - _out.WrittenCount)
        {
            _out.Write(bytes);
            return;
        }

        Flush();
        output.Write(bytes);   // large: not copied once more
    }

    public void Flush()
    {
        output.Write(_out.WrittenSpan);
        _out.ResetWrittenCount();
    }

    private void Begin(int messageBytes, long payloadBytes)
    {
        _out.ResetWrittenCount();
        new Frame(messageBytes, payloadBytes).Write(_out.GetSpan(Frame.HeaderBytes));
        _out.Advance(Frame.HeaderBytes);
    }

    private bool TryFill(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var read = Read(into);
            if (read == 0)
            {
                return false;
            }

            into = into[read..];
        }

        return true;
    }

    // Small reads come from the buffer, which one call to the kernel fills as far as it can; large ones go past it.
    private int Read(Span<byte> into)
    {
        if (_start == _end)
        {
            if (into.Length >= BufferBytes)
            {
                return input.Read(into);
            }

            (_start, _end) = (0, input.Read(_in));
        }

        var bytes = Math.Min(into.Length, _end - _start);
        _in.AsSpan(_start, bytes).CopyTo(into);
        _start += bytes;
        return bytes;
    }
}
