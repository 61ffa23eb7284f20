using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>The service's end of the conversation with a worker (<see cref="Frame"/>), one question at a time. Small messages are one call to
/// the kernel each way; tensors go to the pipe from where they lie.</summary>
/// <param name="maxPayloadBytes">An answer that announces more is refused unread.</param>
internal sealed class WorkerLine(Stream input, Stream output, long maxPayloadBytes)
{
    private const int BufferBytes = 64 << 10;
    private readonly ArrayBufferWriter<byte> _out = new(4 << 10);
    private readonly byte[] _in = new byte[BufferBytes];
    private int _start;
    private int _end;

    public Task SayAsync(ToWorker message, CancellationToken ct)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message);
        _out.ResetWrittenCount();
        new Frame(json.Length, 0).Write(_out.GetSpan(Frame.HeaderBytes));
        _out.Advance(Frame.HeaderBytes);
        _out.Write(json);
        return WriteAsync(_out.WrittenMemory, ct);
    }

    public async Task SayAsync(IReadOnlyList<TensorPart> tensors, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        _out.ResetWrittenCount();
        _out.Write(stackalloc byte[Frame.HeaderBytes]);
        new TensorsMessage(0, [.. tensors.Select(tensor => tensor.Head)], outputs).WriteTo(_out);
        var payload = tensors.Sum(tensor => (long)tensor.Bytes.Length);
        new Frame(_out.WrittenCount - Frame.HeaderBytes, payload).Write(MemoryMarshal.AsMemory(_out.WrittenMemory).Span);

        var isSmall = _out.WrittenCount + payload <= BufferBytes;
        foreach (var tensor in isSmall ? tensors : [])
        {
            _out.Write(tensor.Bytes.Span);
        }

        await WriteAsync(_out.WrittenMemory, ct);
        foreach (var tensor in isSmall ? [] : tensors)
        {
            await WriteAsync(tensor.Bytes, ct);
        }
    }

    /// <summary>The next message, or null when the worker has closed. Whoever gets it disposes the payload.</summary>
    /// <exception cref="InvalidDataException">What came is no message, or a larger one than is allowed.</exception>
    public async Task<Heard?> HearAsync(CancellationToken ct)
    {
        var bytes = new PooledBytes();
        var payload = new PooledBytes();
        try
        {
            await bytes.ReadExactlyAsync(ReadAsync, Frame.HeaderBytes, ct);
            var frame = Frame.Read(bytes.Memory.Span, maxPayloadBytes);
            await bytes.ReadExactlyAsync(ReadAsync, Frame.HeaderBytes + frame.MessageBytes, ct);
            await payload.ReadExactlyAsync(ReadAsync, frame.PayloadBytes, ct);
            var message = bytes.Memory.Span[Frame.HeaderBytes..];
            var heard = message is [TensorsMessage.Mark, ..]
                ? new Heard(null, TensorsMessage.Read(message), payload)
                : new Heard(JsonSerializer.Deserialize<FromWorker>(message) ?? throw new InvalidDataException("A message was null."), null, payload);
            payload = null;
            return heard;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A message could not be read.", e);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        finally
        {
            bytes.Dispose();
            payload?.Dispose();
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (bytes.Length > 0)
        {
            await output.WriteAsync(bytes, ct);
        }
    }

    // Small reads come from the buffer, which one call to the kernel fills as far as it can; large ones go past it.
    private async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken ct)
    {
        if (_start == _end)
        {
            if (into.Length >= BufferBytes)
            {
                return await input.ReadAsync(into, ct);
            }

            (_start, _end) = (0, await input.ReadAsync(_in, ct));
        }

        var bytes = Math.Min(into.Length, _end - _start);
        _in.AsMemory(_start, bytes).CopyTo(into);
        _start += bytes;
        return bytes;
    }
}

/// <summary>What a worker said: <paramref name="Message"/>, or tensors.</summary>
internal sealed record Heard(FromWorker? Message, TensorsMessage? Tensors, PooledBytes Payload) : IDisposable
{
    public void Dispose() => Payload.Dispose();
}
