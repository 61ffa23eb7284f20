namespace Aspire.Hosting;

/// <summary>How to start describing a system.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line. Besides configuration: nothing (run), <c>--publisher manifest --output-path p</c>,
    /// <c>--operation publish --step publish-manifest --output-path p</c>.</summary>
    public string[]? Args { get; set; }

    /// <summary>The assembly that describes the system; default: the one the process was started with.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The AppHost's folder; default: what its build wrote into the assembly, else the current folder.</summary>
    public string? ProjectDirectory { get; set; }
}
