using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>What the command line asks of the AppHost: to run the system, or to write its manifest to a path.</summary>
internal sealed record AppHostCommand(DistributedApplicationOperation Operation, string? OutputPath)
{
    private const string Step = "publish-manifest";

    /// <exception cref="DistributedApplicationException">A publisher, an operation or a step that does not exist.</exception>
    public static AppHostCommand Parse(string[] args)
    {
        var options = new ConfigurationBuilder().AddCommandLine(args).Build();
        Check("--publisher", options["publisher"], "manifest");
        Check("--step", options["step"], Step);

        var publishes = options["publisher"] is not null
            || (options["operation"] ?? "run").Equals("publish", StringComparison.OrdinalIgnoreCase);
        if (!publishes)
        {
            Check("--operation", options["operation"], "run");
            return new(DistributedApplicationOperation.Run, OutputPath: null);
        }

        return new(DistributedApplicationOperation.Publish, options["output-path"]);
    }

    private static void Check(string option, string? given, string known)
    {
        if (given is not null && !given.Equals(known, StringComparison.OrdinalIgnoreCase))
        {
            throw new DistributedApplicationException(
                $"{option} {given} is not known here. Use nothing to run, or: --publisher manifest --output-path aspire-manifest.json (the same as --operation publish --step {Step}).");
        }
    }
}
