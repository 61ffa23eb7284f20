using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using Xunit;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Gateway.Tests;

/// <summary>What Identity tells through a real Redis makes the gateway forget at once; without Redis it forgets after its 5 s.</summary>
public sealed class ForgettingTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Find();
    private readonly GatewayApp _app = new();
    private Process? _server;
    private ConnectionMultiplexer? _redis;

    public async Task InitializeAsync()
    {
        // The gateway is there before its Redis is.
        await _app.With("ConnectionStrings:redis", $"127.0.0.1:{_port},connectTimeout=500").InitializeAsync();
        _server = Process.Start(new ProcessStartInfo("redis-server", ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", ""])
        { RedirectStandardOutput = true })!;
        _redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port},abortConnect=false");
        await HeardAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _redis?.Dispose();
        _server?.Kill();
        _server?.Dispose();
    }

    [Fact]
    public Task Whoever_changed_is_asked_for_anew_and_nobody_else() => InTimeAsync(async attempt =>
    {
        var (changed, other) = ($"good-a{attempt}", $"good-b{attempt}");
        await AskAsync(changed);
        await AskAsync(other);
        await TellAsync(changed);
        await HeardAsync();
        await AskAsync(changed);
        await AskAsync(changed);
        await AskAsync(other);
        Assert.Equal(2, Swaps(changed));
        Assert.Equal(1, Swaps(other));
    });

    [Fact]
    public Task An_answer_that_was_on_its_way_when_the_caller_changed_counts_no_more() => InTimeAsync(async attempt =>
    {
        var late = $"good-late{attempt}";
        var answered = new TaskCompletionSource();
        _app.IdentityWaits = (late, answered.Task);
        var asking = AskAsync(late);
        while (Swaps(late) == 0) await Task.Delay(10);
        await TellAsync(late);
        await HeardAsync();
        answered.SetResult();
        await asking;
        Assert.Equal(2, Swaps(late));
    });

    [Fact]
    public async Task Without_Redis_callers_are_served_and_forgotten_after_five_seconds()
    {
        _server!.Kill();
        await _server.WaitForExitAsync();
        await AskAsync("good-c");
        var clock = Stopwatch.StartNew();
        while (Swaps("good-c") == 1)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(6), "An answer was kept for more than 5 s.");
            await Task.Delay(200);
            await AskAsync("good-c");
        }
    }

    /// <summary>Again, where the machine stood still: after 5 s the gateway asks for everybody anew, and waits no longer for Identity.</summary>
    private static async Task InTimeAsync(Func<int, Task> test)
    {
        for (var attempt = 0; ; attempt++)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await test(attempt);
                return;
            }
            catch (Xunit.Sdk.XunitException) when (clock.Elapsed > TimeSpan.FromSeconds(4) && attempt < 5)
            {
                // a starved machine
            }
        }
    }

    private async Task AskAsync(string token)
    {
        using var answer = await _app.GetAsync("/api/v1/models", ("Authorization", $"Bearer {token}"));
        Assert.Equal($"Bearer internal-{token}", answer.Saw("Authorization"));
    }

    private int Swaps(string token)
    {
        lock (_app.Swaps) return _app.Swaps.Count(swap => swap == $"bearer {token}");
    }

    private Task TellAsync(string subject) => _redis!.GetSubscriber().PublishAsync(CallerChanges.Channel, subject);

    /// <summary>Returns when the gateway has heard all that was told: messages come in order.</summary>
    private async Task HeardAsync()
    {
        var marker = $"good-{Guid.CreateVersion7():N}";
        var clock = Stopwatch.StartNew();
        while (Swaps(marker) < 2)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "The gateway hears nothing from Redis.");
            await AskAsync(marker);
            try
            {
                await TellAsync(marker);
            }
            catch (RedisException) when (Swaps(marker) < 2)
            {
                // the server is still starting
            }
            await Task.Delay(50);
        }
    }
}
