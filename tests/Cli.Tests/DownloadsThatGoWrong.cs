namespace ZooPlatform.Cli.Tests;

/// <summary>What can happen to a file on its way down, as parts of a test zoo.</summary>
internal static class DownloadsThatGoWrong
{
    /// <summary>Every answer that carries a file passes through this stream.</summary>
    public static void DeliverThrough(this WebApplication app, Func<HttpContext, Stream, Stream> through) => app.Use(async (context, next) =>
    {
        if (!context.Request.Path.Value!.Contains("/files/", StringComparison.Ordinal))
        {
            await next();
            return;
        }
        var body = context.Response.Body;
        context.Response.Body = through(context, body);
        try
        {
            await next();
            await context.Response.Body.FlushAsync();
        }
        catch (OperationCanceledException)
        {
            // cut off, as meant
        }
        finally
        {
            context.Response.Body = body;
        }
    });

    /// <summary>Of the ranges that are asked for, these are answered; null: the whole file.</summary>
    public static void RangesAre(this WebApplication app, Func<string, string?> instead) => app.Use((context, next) =>
    {
        context.Request.Headers.Range = instead(context.Request.Headers.Range.ToString());
        return next();
    });
}

/// <summary>Passes on what is written to it, asking before each piece whether it may; null: the connection is cut.</summary>
internal sealed class WatchedStream(HttpContext context, Stream inner, Func<int, ValueTask<int?>> mayPass) : Stream
{
    private const int StepBytes = 64 * 1024;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var wanted = Math.Min(StepBytes, buffer.Length);
            if (await mayPass(wanted) is not { } step)
            {
                await inner.FlushAsync(CancellationToken.None);
                context.Abort();
                throw new OperationCanceledException();
            }
            await inner.WriteAsync(buffer[..step], cancellationToken);
            buffer = buffer[step..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
