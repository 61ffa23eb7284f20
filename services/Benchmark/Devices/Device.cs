using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Benchmark.Devices;

/// <summary>A device profile: a machine's measured identity. Never changed; another measurement is another profile.</summary>
internal sealed class Device
{
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of all that follows: the same machine, measured again, is the same profile.</summary>
    public required string Fingerprint { get; init; }
    public required string Name { get; init; }
    public required string Cpu { get; init; }
    public required int Cores { get; init; }
    public required long MemoryBytes { get; init; }
    public string? Gpu { get; init; }
    public required string OperatingSystem { get; init; }
    public required string OnnxRuntime { get; init; }
    public required string[] Providers { get; init; }
    public required string[] Limits { get; init; }

    public DeviceView View() => new(Id, Name, Cpu, Cores, MemoryBytes, Gpu, OperatingSystem, OnnxRuntime, Providers, Limits);
}
