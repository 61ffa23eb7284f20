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
        foreach (var kit in Directory.GetDirectories(Repository.Samples).Order(StringComparer.Ordinal))
        {
            var name = new RepositoryName(Organisation, Path.GetFileName(kit));
            var push = new Push(zoo, surroundings);
            await push.RunAsync(new PushRequest(kit, name, "Sample kit", Visibility.Public), ct);
        }
        PrivateFiles.Write(data.SamplesFile, "{}");
    }
}
