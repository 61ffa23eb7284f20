using System.Buffers;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>Bytes in one piece of pooled memory that grows with what has arrived, never with what was announced. Good until disposed.</summary>
/// <param name="budget">What all such pieces of one kind may hold together; null: no limit but the callers'.</param>
internal sealed class PooledBytes(MemoryBudget? budget = null) : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 64 << 10;
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Reads to the end.</summary>
    /// <param name="announced">How much that should be; only saves growing.</param>
    /// <returns>False: there is more than <paramref name="most"/>.</returns>
    /// <exception cref="BudgetException">All pieces together hold too much.</exception>
    public async Task<bool> TryReadToEndAsync(Stream stream, long? announced, long most, CancellationToken ct)
    {
        while (Length <= most)
        {
            // One byte more than announced, so that the end is seen without growing.
            Reserve((int)Math.Clamp((announced ?? 0) + 1 - Length, 1, Math.Max(FirstBytes, Length)));
            var read = await stream.ReadAsync(_bytes.AsMemory(Length), ct);
            if (read == 0)
            {
                return true;
            }

            Length += read;
        }

        return false;
    }

    /// <summary>Reads so many bytes.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public async Task ReadExactlyAsync(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, long bytes, CancellationToken ct)
    {
        while (Length < bytes)
        {
            Reserve((int)Math.Min(bytes - Length, Math.Max(FirstBytes, Length)));
            var count = await read(_bytes.AsMemory(Length, (int)Math.Min(bytes, _bytes.Length) - Length), ct);
            Length += count > 0 ? count : throw new EndOfStreamException();
        }
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        var held = _bytes;
        _bytes = [];
        Length = 0;
        if (held.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(held);
            budget?.Give(held.Length);
        }
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - Length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)Length + more, 2L * Length)));
        if (budget?.TryTake(larger.Length) == false)
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw new BudgetException();
        }

        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            budget?.Give(_bytes.Length);
        }

        _bytes = larger;
    }
}

/// <summary>What may be held in memory at once, in bytes, by whatever takes from it.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _left = bytes;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    public void Give(long bytes) => Interlocked.Add(ref _left, bytes);
}

/// <summary>More would be held in memory than may be.</summary>
internal sealed class BudgetException() : Exception("As much is held in memory as may be.");
