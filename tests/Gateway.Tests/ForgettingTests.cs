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

    public async Task InitializeAsync()
    {
        // The gateway is there before its Redis is.
        await _app.With("ConnectionStrings:redis", $"127.0.0.1:{_port},connectTimeout=500").InitializeAsync();
        _server = Process.Start(new ProcessStartInfo("redis-server", ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", ""])
        { RedirectStandardOutput = true })!;
        await HeardAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _server?.Kill();
        _server?.Dispose();
    }

    [Fact]
    public async Task Whoever_changed_is_asked_for_anew_and_nobody_else()
    {
        await AskAsync("good-a");
        await AskAsync("good-b");
        await TellAsync("good-a");
        await HeardAsync();
        await AskAsync("good-a");
        await AskAsync("good-a");
        await AskAsync("good-b");
        Assert.Equal(2, Swaps("good-a"));
        Assert.Equal(1, Swaps("good-b"));
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_when_the_caller_changed_counts_no_more()
    {
        var answered = new TaskCompletionSource();
        _app.IdentityWaits = ("good-late", answered.Task);
        var asking = AskAsync("good-late");
        while (Swaps("good-late") == 0) await Task.Delay(10);
        await TellAsync("good-late");
        await HeardAsync();
        answered.SetResult();
        await asking;
        Assert.Equal(2, Swaps("good-late"));
    }

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

    private async Task AskAsync(string token)
    {
        using var answer = await _app.GetAsync("/api/v1/models", ("Authorization", $"Bearer {token}"));
        Assert.Equal($"Bearer internal-{token}", answer.Saw("Authorization"));
    }

    private int Swaps(string token)
    {
        lock (_app.Swaps) return _app.Swaps.Count(swap => swap == $"bearer {token}");
    }

    private async Task TellAsync(string subject)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port}");
        await redis.GetSubscriber().PublishAsync(CallerChanges.Channel, subject);
    }

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
