using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway.Files;

/// <summary>Sends the file that Artifact's answer names: by the kernel where that is possible, else through a pooled buffer.</summary>
internal sealed class SendHandedFile(ILogger<SendHandedFile> logger)
{
    private const int BufferBytes = 256 * 1024;

    public async Task RunAsync(HttpContext context, HandedFile handed, ZooRoute route)
    {
        var response = context.Response;
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(handed.Path ?? throw new IOException("It is outside the store."), options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.HandedFileUnreadable(handed.Path ?? "nothing", e.Message);
            response.Clear();
            await context.RefuseAsync(GatewayProblems.ServiceBroke("artifact"), route.Errors);
            return;
        }
        using (file)
        {
            try
            {
                response.ContentLength = handed.CountBytes;
                if (DirectOutput.Of(context) is { } output) await SendAsync(response, output, file, handed, context.RequestAborted);
                else await CopyAsync(response, file, handed, context.RequestAborted);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                if (!context.RequestAborted.IsCancellationRequested) logger.HandedFileBroke(handed.Path!, e.Message);
                context.Abort();   // nobody takes a part for the whole
            }
        }
    }

    private static async Task SendAsync(HttpResponse response, SocketWriter output, SafeFileHandle file, HandedFile handed, CancellationToken ct)
    {
        // Status and headers first, and with the kernel: what follows goes to the same socket.
        await response.StartAsync(ct);
        await response.BodyWriter.FlushAsync(ct);
        await output.SendFileAsync(file, handed.OffsetBytes, handed.CountBytes, ct);
        for (var left = handed.CountBytes; left > 0;)
        {
            // Kestrel counts what is written against Content-Length; the output knows that these bytes are out.
            var counted = (int)Math.Min(left, int.MaxValue);
            _ = response.BodyWriter.GetMemory();   // Kestrel wants to be asked before it counts
            response.BodyWriter.Advance(counted);
            left -= counted;
        }
        await response.BodyWriter.FlushAsync(ct);
    }

    private static async Task CopyAsync(HttpResponse response, SafeFileHandle file, HandedFile handed, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var (offset, end) = (handed.OffsetBytes, handed.OffsetBytes + handed.CountBytes); offset < end;)
            {
                var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(BufferBytes, end - offset)), offset, ct);
                if (read == 0) throw new IOException("The file became shorter while it was sent.");
                await response.Body.WriteAsync(buffer.AsMemory(0, read), ct);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
