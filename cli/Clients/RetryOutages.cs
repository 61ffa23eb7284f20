using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace ZooPlatform.Cli.Clients;

/// <summary>Sends a request again when the zoo cannot be reached for a moment or answers 503 with Retry-After.</summary>
/// <remarks>A request that changes something is sent again only when it never arrived; one whose content is a stream
/// never (uploads continue from the offset the zoo tells).</remarks>
internal sealed class RetryOutages : DelegatingHandler
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly ResiliencePropertyKey<HttpRequestMessage> Request = new("request");

    private readonly Lazy<ResiliencePipeline<HttpResponseMessage>> pipeline;

    public RetryOutages(HttpMessageHandler inner, TimeProvider time)
        : base(inner)
    {
        pipeline = new(() => new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 4,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(300),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(MayRepeat(arguments.Context.Properties.GetValue(Request, null!), arguments.Outcome.Exception, arguments.Outcome.Result)),
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Result, time)),
                OnRetry = arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            })
            .Build());
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        // The first attempt is made here: most commands need no second one, and need not load and compile the pipeline.
        var first = base.SendAsync(request, ct);
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!MayRepeat(request, first.Exception?.InnerException, first.IsCompletedSuccessfully ? await first : null))
        {
            return await first;
        }
        return await RepeatAsync(first, request, ct);
    }

    private async Task<HttpResponseMessage> RepeatAsync(Task<HttpResponseMessage> first, HttpRequestMessage request, CancellationToken ct)
    {
        var context = ResilienceContextPool.Shared.Get(ct);
        context.Properties.Set(Request, request);
        var next = first;
        try
        {
            return await pipeline.Value.ExecuteAsync(
                async context =>
                {
                    var attempt = next ?? base.SendAsync(request, context.CancellationToken);
                    next = null;
                    return await attempt;
                }, context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static bool MayRepeat(HttpRequestMessage request, Exception? exception, HttpResponseMessage? answer)
    {
        if (request.Content is StreamContent)
        {
            return false;
        }
        if (exception is HttpRequestException lost)
        {
            // A refused connection is not repeated: nobody is there, and the person shall know at once.
            return lost.InnerException is not SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                && (request.Method == HttpMethod.Get || lost.HttpRequestError == HttpRequestError.ConnectionError);
        }
        return answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage? answer, TimeProvider time)
    {
        var told = answer?.Headers.RetryAfter;
        var wait = told?.Delta ?? (told?.Date - time.GetUtcNow());
        return wait is null ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }
}
