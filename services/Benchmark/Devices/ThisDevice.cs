using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Devices;

/// <summary>
/// Measures this machine when the service starts, before anything else of it does:
/// 1. find the strongest sandbox in which a worker answers; 2. read what the kernel tells of processor and memory; 3. keep the profile.
/// </summary>
internal sealed class ThisDevice(
    IServiceScopeFactory scopes, WorkerFolders folders, IOptions<BenchmarkOptions> options, ILogger<ThisDevice> logger) : IHostedService
{
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
        logger.DeviceMeasured(_device.Name, _device.OnnxRuntime, string.Join("; ", limits));
    }

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;

    private async Task<(Sandbox Sandbox, Described Described)> DescribeAsync(CancellationToken ct)
    {
        var limits = new WorkerLimits(options.Value.WorkerMemoryBytes, options.Value.WorkerHeapBytes, (int)s_patience.TotalSeconds);
        WorkerException? last = null;
        foreach (var sandbox in Sandbox.Candidates)
        {
            await using var worker = await WorkerProcess.StartAsync(sandbox, folders.NewJob(), limits);
            try
            {
                var (described, _) = await worker.AskAsync<Described>(new Describe(), s_patience, null, ct);
                return (sandbox, described);
            }
            catch (WorkerException e)
            {
                logger.SandboxNotHad(string.Join("; ", sandbox.Limits), e.Message);
                last = e;
            }
        }

        throw new InvalidOperationException($"No worker can be started from {WorkerFolders.Worker}: {last?.Message}", last);
    }

    private static string? Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
}
