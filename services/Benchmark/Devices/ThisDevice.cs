using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Runs;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Devices;

/// <summary>
/// Measures this machine when the service starts, before anything else of it does:
/// 1. find the strongest sandbox in which a worker answers; 2. read what the kernel tells of processor and memory; 3. keep the profile;
/// 4. if it is another one than at the last start (other memory, a newer ONNX Runtime), give it the runs that wait for that one: nobody else would.
/// </summary>
internal sealed class ThisDevice(
    IServiceScopeFactory scopes, WorkerFolders folders, IOptions<BenchmarkOptions> options, ILogger<ThisDevice> logger) : IHostedService
{
    private const int Attempts = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private Device? _device;
    private Sandbox? _sandbox;

    public Guid Id => Profile.Id;

    public Device Profile => _device ?? throw new InvalidOperationException("This device was not measured yet.");

    /// <summary>How workers are started here.</summary>
    public Sandbox Sandbox => _sandbox ?? throw new InvalidOperationException("This device was not measured yet.");

    public async Task StartAsync(CancellationToken ct)
    {
        // 1.
        (_sandbox, var described) = await DescribeAsync(ct);

        // 2.
        var cpu = Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var cores = Environment.ProcessorCount;
        var memory = long.Parse(Field("/proc/meminfo", "MemTotal")!.Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
        var os = $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}";
        string[] limits = [$"memory {options.Value.WorkerMemoryBytes >> 20} MiB, no file writes, time limits, empty environment", .. _sandbox.Limits];
        var identity = string.Join('\n', [cpu, $"{cores}", $"{memory}", os, described.OnnxRuntime, .. described.Providers, .. limits]);

        // 3.
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BenchmarkDb>();
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        await db.Database.ExecuteSqlAsync($"""
            insert into devices (id, fingerprint, name, cpu, cores, memory_bytes, operating_system, onnx_runtime, providers, limits)
            values ({Guid.CreateVersion7()}, {fingerprint}, {$"{cpu}, {cores} cores"}, {cpu}, {cores}, {memory}, {os},
                {described.OnnxRuntime}, {described.Providers.ToArray()}, {limits})
            on conflict (fingerprint) do nothing
            """, ct);
        _device = await db.Devices.AsNoTracking().SingleAsync(device => device.Fingerprint == fingerprint, ct);

        // 4.
        var last = await LastIdAsync(ct);
        if (last != Id)
        {
            if (last is { } former)
            {
                await db.MoveWaitingAsync(former, Id, ct);
            }

            await File.WriteAllTextAsync(folders.Device + ".new", $"{Id}", ct);
            File.Move(folders.Device + ".new", folders.Device, overwrite: true);
        }

        logger.DeviceMeasured(_device.Name, _device.OnnxRuntime, string.Join("; ", limits));
    }

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;

    private async Task<Guid?> LastIdAsync(CancellationToken ct) =>
        File.Exists(folders.Device) && Guid.TryParse(await File.ReadAllTextAsync(folders.Device, ct), out var id) ? id : null;

    private async Task<(Sandbox Sandbox, Described Described)> DescribeAsync(CancellationToken ct)
    {
        WorkerException? last = null;
        foreach (var sandbox in Sandbox.Candidates)
        {
            try
            {
                return (sandbox, await DescribeAsync(sandbox, ct));
            }
            catch (WorkerException e)
            {
                logger.SandboxNotHad(string.Join("; ", sandbox.Limits), e.Message);
                last = e;
            }
        }

        throw new InvalidOperationException($"No worker can be started from {WorkerFolders.Worker}: {last?.Message}", last);
    }

    /// <exception cref="WorkerException">This sandbox is not to be had here.</exception>
    /// <exception cref="InvalidOperationException">Whether it is could not be found out.</exception>
    private async Task<Described> DescribeAsync(Sandbox sandbox, CancellationToken ct)
    {
        var limits = new WorkerLimits(options.Value.WorkerMemoryBytes, options.Value.WorkerHeapBytes, (int)s_patience.TotalSeconds);
        for (var attempt = 1; ; attempt++)
        {
            await using var worker = await WorkerProcess.StartAsync(sandbox, folders.NewJob(), limits);
            try
            {
                return (await worker.AskAsync<Described>(new Describe(), s_patience, null, ct)).Answer;
            }
            catch (WorkerException e) when (IsOfTheMoment(e))
            {
                // Never weaker for that: the next start may find it. Who supervises this service starts it again.
                if (attempt == Attempts)
                {
                    throw new InvalidOperationException($"No worker came up in {Attempts} attempts, for a reason that says nothing of what this machine allows: {e.Message}", e);
                }

                logger.WorkerNotDescribed(attempt, e.Message);
            }
        }
    }

    /// <summary>It was killed, or the machine is busy or short of memory just now: that tells nothing of the sandbox.</summary>
    private static bool IsOfTheMoment(WorkerException e) => e.Killed || e.Reason is FailureKind.Time or FailureKind.Memory;

    private static string? Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
}
