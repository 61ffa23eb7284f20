using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Gateway.Files;

/// <summary>A connection's output that writes to its socket without a pipe between, so that a file can follow the headers straight
/// from the page cache (sendfile): Kestrel's own output cannot say when the socket has what was written to it.</summary>
/// <remarks>As Kestrel uses it: one writer at a time, and never a write while a flush runs. A flush ends when the kernel has the bytes.
/// A connection that is gone makes flushes "completed"; Kestrel then stops by itself.</remarks>
internal sealed partial class SocketWriter(ConnectionContext connection, Socket socket) : PipeWriter
{
    private const int SegmentBytes = 16 * 1024;
    private const int CopiedBytes = 32 * 1024;
    private const nint SendFileBytes = 2 * 1024 * 1024;
    private const int Again = 11, Interrupted = 4;
    private const short Writable = 4;   // POLLOUT

    /// <summary>So much left is worth a thread of its own, so long a client may keep one waiting, so many have one.</summary>
    private const long ThreadBytes = 4 * 1024 * 1024;
    private const int StallMilliseconds = 50;
    private static readonly SemaphoreSlim s_threads = new(64);

    /// <summary>A client that takes not even <see cref="CopiedBytes"/> in this time is given up, as Kestrel does at 240 B/s.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly List<(byte[] Bytes, int Filled)> _full = [];
    private byte[]? _last;
    private int _filled;
    private long _unflushed;
    private bool _completed;

    /// <summary>Bytes that were sent beside this writer, which Kestrel will count with <see cref="Advance"/> and which are not to be sent again.</summary>
    private long _counted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last is null || _last.Length - _filled < Math.Max(sizeHint, 1))
        {
            if (_filled > 0) _full.Add((_last!, _filled));
            else if (_last is not null) ArrayPool<byte>.Shared.Return(_last);
            (_last, _filled) = (ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, SegmentBytes)), 0);
        }
        return _last.AsMemory(_filled);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_counted > 0)
        {
            _counted -= bytes;
            return;
        }
        _filled += bytes;
        _unflushed += bytes;
    }

    /// <remarks>Not cancelled by the token: half of an answer may be with the kernel. What hangs is ended by the connection's abort.</remarks>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_completed) return new FlushResult(isCanceled: false, isCompleted: true);
        try
        {
            foreach (var (bytes, filled) in _full) await SendAsync(bytes.AsMemory(0, filled), CancellationToken.None);
            if (_filled > 0) await SendAsync(_last.AsMemory(0, _filled), CancellationToken.None);
            return new FlushResult(isCanceled: false, isCompleted: false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _completed = true;
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Sends bytes of a file after what was flushed. Kestrel has then to be told of them by <see cref="PipeWriter.Advance"/>.</summary>
    /// <exception cref="IOException">The client is gone, or the file is shorter than it was.</exception>
    public async Task SendFileAsync(SafeFileHandle file, long offset, long count, CancellationToken ct)
    {
        _counted = count;
        var end = offset + count;
        byte[]? copied = null;
        try
        {
            while ((offset = await SendWhatFitsAsync(file, offset, end, ct)) < end)
            {
                // The socket is full. .NET has no "wait until it takes more", but a small write of our own waits for just that.
                copied ??= ArrayPool<byte>.Shared.Rent(CopiedBytes);
                var read = await RandomAccess.ReadAsync(file, copied.AsMemory(0, (int)Math.Min(CopiedBytes, end - offset)), offset, ct);
                if (read == 0) throw new IOException("The file became shorter while it was sent.");
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
                patience.CancelAfter(s_patience);
                await SendAsync(copied.AsMemory(0, read), patience.Token);
                offset += read;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            throw new IOException("The client went away while a file was sent.", e);
        }
        finally
        {
            if (copied is not null) ArrayPool<byte>.Shared.Return(copied);
        }
    }

    /// <summary>Sends until the socket is full. For much, a thread waits for the socket itself as long as the client is quick: to be woken
    /// by the runtime for each few hundred KiB costs more than to send them.</summary>
    /// <returns>The offset of the first byte that was not sent.</returns>
    private async ValueTask<long> SendWhatFitsAsync(SafeFileHandle file, long offset, long end, CancellationToken ct)
    {
        if (end - offset < ThreadBytes || !s_threads.Wait(0)) return SendWhatFits(file, offset, end, stallMilliseconds: 0, ct);
        try
        {
            return await Task.Factory.StartNew(
                () => SendWhatFits(file, offset, end, StallMilliseconds, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            s_threads.Release();
        }
    }

    private long SendWhatFits(SafeFileHandle file, long offset, long end, int stallMilliseconds, CancellationToken ct)
    {
        while (offset < end)
        {
            ct.ThrowIfCancellationRequested();
            var sent = sendfile(socket.SafeHandle, file, ref offset, (nint)Math.Min(SendFileBytes, end - offset));
            if (sent > 0) continue;
            var error = Marshal.GetLastPInvokeError();
            if (sent == 0) throw new IOException("The file became shorter while it was sent.");
            if (error == Interrupted) continue;
            if (error != Again) throw new IOException($"sendfile failed with error {error}.");
            if (stallMilliseconds == 0 || !TakesMore(stallMilliseconds)) break;
        }
        return offset;
    }

    private bool TakesMore(int withinMilliseconds)
    {
        var held = false;
        try
        {
            socket.SafeHandle.DangerousAddRef(ref held);   // its number is nobody else's meanwhile
            var asked = new Polled { Descriptor = (int)socket.SafeHandle.DangerousGetHandle(), Asked = Writable };
            return poll(ref asked, 1, withinMilliseconds) > 0;   // also when it broke: sendfile says how
        }
        finally
        {
            if (held) socket.SafeHandle.DangerousRelease();
        }
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        Release();
        if (exception is not null) connection.Abort(new ConnectionAbortedException("The answer broke off.", exception));
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ct)..];
    }

    private void Release()
    {
        foreach (var (bytes, _) in _full) ArrayPool<byte>.Shared.Return(bytes);
        _full.Clear();
        if (_last is not null) ArrayPool<byte>.Shared.Return(_last);
        (_last, _filled, _unflushed) = (null, 0, 0);
    }

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint sendfile(SafeHandle socket, SafeHandle file, ref long offset, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int poll(ref Polled asked, nuint count, int milliseconds);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Asked;
        public short Answered;
    }
}
