using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Cli.Transfers;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Platforms;

/// <summary>The kits that a new zoo starts with: pushed by the first administrator, like any client would.</summary>
internal static class SampleKits
{
    private const string Organisation = "samples";

    /// <summary>Pushes what is not there; safe to repeat after an interruption. Does nothing once it was done.</summary>
    public static async Task PushAsync(ZooClient zoo, DataFolder data, Surroundings surroundings, CancellationToken ct)
    {
        if (File.Exists(data.SamplesFile) || !Directory.Exists(Repository.Samples))
        {
            return;
        }
        if (await zoo.Organisations.FindAsync(Organisation, ct) is null)
        {
            await zoo.Organisations.CreateAsync(Organisation, "Samples", ct);
        }
        // Two at once: most of a push is waiting. More would crowd out the first page that somebody opens meanwhile.
        await Parallel.ForEachAsync(Directory.GetDirectories(Repository.Samples).Order(StringComparer.Ordinal), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = ct },
            async (kit, ct) =>
            {
                var name = new RepositoryName(Organisation, Path.GetFileName(kit));
                await new Push(zoo, surroundings).RunAsync(new PushRequest(kit, name, "Sample kit", Visibility.Public), ct);
            });
        PrivateFiles.Write(data.SamplesFile, "{}");
    }
}
