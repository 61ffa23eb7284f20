using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;

namespace ZooPlatform.Tests.Support;

/// <summary>Stands for another service, in the tests of one that follows its feed: answers <c>/internal/changes</c> over HTTP
/// with what the test put there.</summary>
public sealed class FeedOwner<TState> : IAsyncDisposable where TState : class
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Guid, Change<TState>> _changes = new();
    private readonly Lock _numbering = new();
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Guid _feed = Guid.CreateVersion7();
    private long _sequence;

    private FeedOwner(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>The sequence of the last change: where a reader that has read everything stands.</summary>
    public long Sequence => Interlocked.Read(ref _sequence);

    /// <param name="more">Other routes of the service.</param>
    public static async Task<FeedOwner<TState>> StartAsync(Action<WebApplication>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var owner = new FeedOwner<TState>(builder.Build());
        owner._app.MapGet("/internal/changes", (RequestDelegate)owner.AnswerAsync);
        more?.Invoke(owner._app);
        await owner._app.StartAsync();
        return owner;
    }

    public void Put(Guid subject, TState state) => Tell(subject, state);

    public void Delete(Guid subject) => Tell(subject, null);

    /// <summary>Becomes another feed, as after a restore: empty, with a new id.</summary>
    public void Replace()
    {
        lock (_numbering)
        {
            _changes.Clear();
            _feed = Guid.CreateVersion7();
            _sequence = 0;
        }
        Wake();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Tell(Guid subject, TState? state)
    {
        lock (_numbering) _changes[subject] = new Change<TState>(++_sequence, subject, typeof(TState).Name, state is null, state);
        Wake();
    }

    private void Wake() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task AnswerAsync(HttpContext context)
    {
        var after = long.Parse(context.Request.Query["after"].ToString());
        var changed = _changed.Task;
        if (Page(after).Items.Count == 0)
            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(1), context.RequestAborted));
        await context.Response.WriteAsJsonAsync(Page(after), ZooJson.Options, context.RequestAborted);
    }

    private ChangePage<TState> Page(long after)
    {
        lock (_numbering)
        {
            var items = _changes.Values.Where(change => change.Sequence > after).OrderBy(change => change.Sequence).Take(200).ToList();
            return new ChangePage<TState>(_feed, items.Count == 0 ? after : items[^1].Sequence, items);
        }
    }
}
