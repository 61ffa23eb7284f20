using System.Buffers.Binary;

namespace ZooPlatform.Benchmark.Messages;

/// <summary>
/// How messages between the service and a worker are laid out:
/// <code>
/// | message length: 4 bytes | payload length: 8 bytes | message | payload |
/// </code>
/// with little-endian lengths. A message is JSON (<see cref="ToWorker"/>, <see cref="FromWorker"/>) or, where tensors travel,
/// <see cref="TensorsMessage"/>, which no JSON begins like. The other side is not trusted: what announces more than the limits is refused unread.
/// </summary>
/// <param name="MessageBytes">0 to <see cref="MaxMessageBytes"/>.</param>
public readonly record struct Frame(int MessageBytes, long PayloadBytes)
{
    public const int HeaderBytes = 12;
    public const int MaxMessageBytes = 4 << 20;

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, MessageBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[sizeof(int)..], PayloadBytes);
    }

    /// <exception cref="InvalidDataException">It announces more than the limits.</exception>
    public static Frame Read(ReadOnlySpan<byte> header, long maxPayloadBytes)
    {
        var frame = new Frame(BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt64LittleEndian(header[sizeof(int)..]));
        return frame.MessageBytes is >= 0 and <= MaxMessageBytes && frame.PayloadBytes >= 0 && frame.PayloadBytes <= maxPayloadBytes
            ? frame
            : throw new InvalidDataException($"A message of {frame.MessageBytes} + {frame.PayloadBytes} bytes is over the limit of {MaxMessageBytes} + {maxPayloadBytes}.");
    }
}
