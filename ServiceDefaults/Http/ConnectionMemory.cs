using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>What connections read into and write from. Kestrel's own blocks are of 4 KiB, and it asks the kernel once for each: 262,144 times for a GiB
/// that comes in.</summary>
internal sealed class ConnectionMemoryFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ConnectionMemory();
}

/// <summary>Blocks of 64 KiB, as long as few are lent; then of 4 KiB, so that ten thousand slow connections cost no more than they did.</summary>
internal sealed class ConnectionMemory : MemoryPool<byte>
{
    internal const int LargeBytes = 64 * 1024;
    internal const int SmallBytes = 4 * 1024;

    /// <summary>So many large blocks are lent at most (64 MiB), and so many are kept for the next (16 MiB).</summary>
    internal const int LargeLent = 1024;
    private const int LargeKept = 256;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _lent;

    /// <summary>Larger blocks are not to be had; Kestrel asks for none.</summary>
    public override int MaxBufferSize => LargeBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, LargeBytes);
        if (Interlocked.Increment(ref _lent) > LargeLent && minBufferSize <= SmallBytes)
        {
            Interlocked.Decrement(ref _lent);
            return new SmallBlock();
        }
        return _free.TryDequeue(out var block) ? block.Lend() : new Block(this);
    }

    private void Return(Block block)
    {
        Interlocked.Decrement(ref _lent);
        if (_free.Count < LargeKept) _free.Enqueue(block);
    }

    protected override void Dispose(bool disposing) => _free.Clear();

    /// <summary>Pinned for good: sockets need not pin it for each call.</summary>
    private sealed class Block(ConnectionMemory pool) : IMemoryOwner<byte>
    {
        private readonly Memory<byte> _memory = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(LargeBytes, pinned: true), 0, LargeBytes);
        private int _isLent = 1;

        public Memory<byte> Memory => _memory;

        public Block Lend()
        {
            _isLent = 1;
            return this;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLent, 0) == 1) pool.Return(this);
        }
    }

    private sealed class SmallBlock : IMemoryOwner<byte>
    {
        private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(SmallBytes);

        public Memory<byte> Memory => _bytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } bytes) ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
