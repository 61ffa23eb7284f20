using System.Buffers;
using Xunit;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.ServiceDefaults.Tests;

public sealed class ConnectionMemoryTests
{
    [Fact]
    public void Few_connections_get_large_blocks_and_thousands_small_ones()
    {
        using var pool = new ConnectionMemory();
        var lent = Enumerable.Range(0, 10_000).Select(_ => pool.Rent(ConnectionMemory.SmallBytes)).ToList();
        Assert.Equal(ConnectionMemory.LargeLent, lent.Count(block => block.Memory.Length == ConnectionMemory.LargeBytes));
        Assert.Equal(10_000 - ConnectionMemory.LargeLent, lent.Count(block => block.Memory.Length == ConnectionMemory.SmallBytes));
        foreach (var block in lent) block.Dispose();
        using var again = pool.Rent();
        Assert.Equal(ConnectionMemory.LargeBytes, again.Memory.Length);
    }

    [Fact]
    public void A_block_that_is_given_back_twice_is_lent_once()
    {
        using var pool = new ConnectionMemory();
        var block = pool.Rent();
        block.Dispose();
        block.Dispose();
        using var one = pool.Rent();
        using var other = pool.Rent();
        Assert.False(one.Memory.Span.Overlaps(other.Memory.Span));
    }
}
