using System.Diagnostics;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Tests;

[Collection(OneBenchmark.Name)]
public sealed class SandboxTests(BenchmarkApp app)
{
    private static readonly WorkerLimits s_limits = new(1L << 30, 512L << 20, 10);

    [Fact]
    public async Task A_worker_without_telemetry_switched_off_does_not_start()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(WorkerFolders.Worker, "ZooPlatform.Benchmark.Worker.dll")]) { RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        using var process = Process.Start(start)!;

        Assert.Contains("ORT_DISABLE_TELEMETRY", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
    }

    [Fact]
    public async Task A_worker_gets_an_environment_of_its_own_and_no_telemetry()
    {
        var (output, _) = await InSandboxAsync("env");

        Assert.Contains("ORT_DISABLE_TELEMETRY=1", output, StringComparison.Ordinal);
        Assert.Equal(
            ["DOTNET_EnableDiagnostics", "DOTNET_EnableWriteXorExecute", "DOTNET_GCHeapHardLimit", "HOME", "ORT_DISABLE_TELEMETRY", "PATH", "PWD"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).Where(name => name is not ("_" or "OLDPWD" or "SHLVL")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_worker_may_not_write_files_nor_raise_its_limits()
    {
        var (output, _) = await InSandboxAsync("ulimit -d; ulimit -c; ulimit -f; ulimit -n; ulimit -d unlimited 2>/dev/null && echo raised; echo x > written 2>/dev/null && echo wrote; true");

        Assert.Equal($"{s_limits.MemoryBytes / 1024}\n0\n0\n64\n", output);
    }

    [Fact]
    public async Task A_worker_in_namespaces_sees_its_job_and_nothing_else()
    {
        if (!app.Get<ThisDevice>().Sandbox.Namespaces)
        {
            return;   // not had on this machine; the device profile says so, which another test checks
        }

        var (output, _) = await InSandboxAsync("ls / /job; tail -n +3 /proc/net/dev | cut -d: -f1; ls /proc | grep -c '^[0-9]'; id -u");

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).ToList();
        var root = lines.Skip(1).TakeWhile(line => line != "/job:").ToList();
        Assert.Equal(["bin", "dotnet", "job", "lib", "lib64", "proc", "sys", "usr", "worker"], root);
        Assert.Equal(["given.txt", "lo"], lines.SkipWhile(line => line != "/job:").Skip(1).Take(2));
        Assert.True(int.Parse(lines[^2]) < 10, "processes of others are in sight");
        Assert.Equal(Environment.IsPrivilegedProcess ? "65534" : "0", lines[^1]);
    }

    /// <summary>Runs a shell where a worker would run.</summary>
    private async Task<(string Output, int ExitCode)> InSandboxAsync(string script)
    {
        using var job = app.Get<WorkerFolders>().NewJob();
        var given = Path.Combine(job.Location, "given.txt");
        await File.WriteAllTextAsync(given, "given");
        job.Add(given, "given.txt");

        var start = app.Get<ThisDevice>().Sandbox.Command(job, s_limits);
        start.ArgumentList.RemoveAt(start.ArgumentList.Count - 1);
        start.ArgumentList.RemoveAt(start.ArgumentList.Count - 1);
        start.ArgumentList.Add("/bin/sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        using var process = await ForkThread.StartAsync(start);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, process.ExitCode);
    }
}
