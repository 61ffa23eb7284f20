using System.Buffers.Binary;
using System.Text.Json;

namespace ZooPlatform.Benchmark.Messages;

/// <summary>
/// Messages between the service and a worker. One message is
/// <code>
/// | json length: 4 bytes | payload length: 8 bytes | json | payload |
/// </code>
/// with little-endian lengths. The other side is not trusted: what announces more than the limits is refused unread.
/// </summary>
public sealed class MessageStream(Stream input, Stream output, long maxPayloadBytes)
{
    private const int MaxJsonBytes = 4 << 20;
    private const int HeaderBytes = 12;

    public async Task WriteAsync<T>(T message, IReadOnlyList<ReadOnlyMemory<byte>> payload, CancellationToken ct)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message);
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, json.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(4), payload.Sum(part => (long)part.Length));

        await output.WriteAsync(header, ct);
        await output.WriteAsync(json, ct);
        foreach (var part in payload)
        {
            await output.WriteAsync(part, ct);
        }

        await output.FlushAsync(ct);
    }

    /// <summary>The next message, or null when the other side has closed.</summary>
    /// <exception cref="InvalidDataException">What came is no message, or a larger one than is allowed.</exception>
    public async Task<Received<T>?> ReadAsync<T>(CancellationToken ct) where T : class
    {
        var header = new byte[HeaderBytes];
        if (await input.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, ct) < HeaderBytes)
        {
            return null;
        }

        var jsonBytes = BinaryPrimitives.ReadInt32LittleEndian(header);
        var payloadBytes = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(4));
        if (jsonBytes is < 0 or > MaxJsonBytes || payloadBytes < 0 || payloadBytes > maxPayloadBytes)
        {
            throw new InvalidDataException($"A message of {jsonBytes} + {payloadBytes} bytes is over the limit of {MaxJsonBytes} + {maxPayloadBytes}.");
        }

        var json = new byte[jsonBytes];
        var payload = new byte[payloadBytes];
        try
        {
            await input.ReadExactlyAsync(json, ct);
            await input.ReadExactlyAsync(payload, ct);
            return JsonSerializer.Deserialize<T>(json) is { } message
                ? new Received<T>(message, payload)
                : throw new InvalidDataException("A message was null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A message could not be read.", e);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}

public sealed record Received<T>(T Message, byte[] Payload);
