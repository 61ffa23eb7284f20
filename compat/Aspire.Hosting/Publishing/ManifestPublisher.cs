using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes <c>aspire-manifest.json</c> where the command line says.</summary>
internal sealed partial class ManifestPublisher(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext,
    AppHostCommand command, ILogger<ManifestPublisher> logger)
{
    private const string FileName = "aspire-manifest.json";

    /// <exception cref="DistributedApplicationException">The command line names no output path.</exception>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        var given = command.OutputPath ?? throw new DistributedApplicationException(
            $"A manifest needs a place: add --output-path {FileName} (or a folder).");
        var path = Path.GetFullPath(given.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? given : Path.Combine(given, FileName));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        await using (var file = File.Create(path))
        {
            await new ManifestWriter(model, executionContext, path).WriteAsync(file, cancellationToken);
        }

        Published(logger, path);
    }

    [LoggerMessage(1, LogLevel.Information, "Published the manifest to {Path}")]
    private static partial void Published(ILogger logger, string path);
}
