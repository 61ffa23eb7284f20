using System.CommandLine;
using System.Globalization;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo du [OWNER[/NAME]] [--quota BYTES|none]</c></summary>
internal static class Du
{
    private static readonly Argument<string?> What = new("OWNER[/NAME]")
    {
        Description = "An owner or a repository; yourself when absent",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string?> Quota = new("--quota") { Description = "Set the owner's quota, in bytes, or none (administrators)" };

    public static Command Create(Surroundings surroundings) =>
        new Command("du", "Say how many bytes repositories take, share and would free") { What, Quota }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        var what = invocation.Value(What);
        if (invocation.Value(Quota) is { } quota)
        {
            await SetQuotaAsync(invocation, what, quota, ct);
            return;
        }
        using var zoo = invocation.Connect();
        if (what?.Contains('/', StringComparison.Ordinal) == true)
        {
            var kit = await zoo.Storage.OfAsync(RepositoryName.Parse(what), ct);
            invocation.Answer(kit, output => WriteSums(output, kit.RevisionCount, kit.LogicalBytes, kit.PhysicalBytes, kit.SharedBytes, kit.FreedBytes));
            return;
        }
        var owner = await zoo.Storage.OfAsync(what ?? (await zoo.Users.MeAsync(ct)).Name, ct);
        invocation.Answer(owner, output =>
        {
            output.WriteLine($"{owner.Owner}: {Amounts.Count(owner.RepositoryCount)} repositories");
            WriteSums(output, owner.RevisionCount, owner.LogicalBytes, owner.PhysicalBytes, owner.SharedBytes, owner.FreedBytes);
            output.WriteLine($"quota     {Amounts.Bytes(owner.UsedBytes)} of {(owner.QuotaBytes is { } limit ? Amounts.Bytes(limit) : "no limit")}");
        });
    }

    private static async Task SetQuotaAsync(Invocation invocation, string? owner, string quota, CancellationToken ct)
    {
        long? limit = null;
        if (quota != "none")
        {
            limit = long.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes
                : throw new WrongUsage($"'{quota}' is no quota", "a whole number of bytes, or none");
        }
        if (owner is null || owner.Contains('/', StringComparison.Ordinal))
        {
            throw new WrongUsage("a quota is an owner's", "./zoo du OWNER --quota BYTES");
        }
        using var zoo = invocation.Connect();
        var set = await zoo.Storage.SetQuotaAsync(owner, limit, ct);
        invocation.Answer(set, output => output.WriteLine(
            $"{set.Owner} holds {Amounts.Bytes(set.UsedBytes)} and may hold {(set.LimitBytes is { } most ? Amounts.Bytes(most) : "any amount")}"));
    }

    private static void WriteSums(TextWriter output, int revisions, long logical, long physical, long shared, long freed)
    {
        output.WriteLine($"logical   {Amounts.Bytes(logical)} in {Amounts.Count(revisions)} revisions");
        output.WriteLine($"stored    {Amounts.Bytes(physical)}");
        output.WriteLine($"shared    {Amounts.Bytes(shared)} with other repositories that you may read");
        output.WriteLine($"deleting  frees up to {Amounts.Bytes(freed)}");
    }
}
