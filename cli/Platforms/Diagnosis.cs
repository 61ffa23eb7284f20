using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Platforms;

/// <summary>Something that is wrong with a platform.</summary>
/// <param name="What">What is wrong, and what that means for people.</param>
/// <param name="Do">What to do next.</param>
/// <param name="Page">The runbook in docs/runbooks that goes on from here; null: there is none.</param>
internal sealed record Diagnosis(string What, string Do, string? Page = null)
{
    private const long LeastFreeBytes = 1L << 30;

    /// <summary>All that is wrong, the causes before what follows from them; empty when all is well.</summary>
    public static IReadOnlyList<Diagnosis> Of(PlatformFacts facts) => facts.Running ? [.. OfRunning(facts)] : [OfStopped(facts)];

    private static Diagnosis OfStopped(PlatformFacts facts)
    {
        if (facts.PortIsTaken)
            return new($"nothing runs on {facts.Data}, and another program listens on port {facts.Port}",
                $"./zoo up --port N, or stop that program (ss -ltnp 'sport = :{facts.Port}' names it)", "port-taken");
        return facts.Platform is null
            ? new($"nothing runs on {facts.Data}", "./zoo up")
            : new($"nothing runs on {facts.Data}; the platform ended without stopping cleanly", $"./zoo up; {facts.Data.AppHostLog} tells why it ended", "does-not-start");
    }

    private static IEnumerable<Diagnosis> OfRunning(PlatformFacts facts)
    {
        var resources = facts.Platform!.Resources ?? new Dictionary<string, ResourceState>();
        string LogOf(string resource) => Path.Combine(Path.GetDirectoryName(facts.Data.AppHostLog)!, $"{resource}.log");
        string StateOf(string resource) => resources.GetValueOrDefault(resource)?.State ?? "unknown";
        bool IsDown(string resource) => resources.ContainsKey(resource) && !resources[resource].IsWell;

        if (facts.FreeBytes < LeastFreeBytes)
            yield return new($"the disk of {facts.Data} has {Amounts.Bytes(facts.FreeBytes.Value)} left; when it is full, uploads and then everything that writes is refused",
                "delete what is not needed there, or give it more room", "disk-full");
        foreach (var (name, _) in resources.Where(r => r.Value.State == "failed").OrderBy(r => r.Key, StringComparer.Ordinal))
            yield return new($"{name} was given up: it ended again and again before it was ever ready", $"read {LogOf(name)}, mend that, then ./zoo down and ./zoo up", "does-not-start");

        // A database of its own resource is as its server is, and what a service needs explains the service.
        var database = Saying(facts, "PostgreSql");
        if (IsDown("postgres"))
            yield return new($"PostgreSQL is {StateOf("postgres")}: nothing can be read or stored until it is back", $"wait, it is started again; if it stays so, {LogOf("postgres")} says why", "postgresql-down");
        else if (database.Count > 0)
            yield return new($"the database does not answer {string.Join(", ", database)}", $"wait a minute; if it stays so, {LogOf("postgres")} says why, and ./zoo down && ./zoo up starts it anew", "postgresql-down");
        var index = Saying(facts, "Meilisearch");
        if (IsDown("meilisearch") || index.Count > 0)
            yield return new($"Meilisearch is {(IsDown("meilisearch") ? StateOf("meilisearch") : "not answering")}: search is refused, the rest works",
                $"wait, it is started again and its index heals by itself; if it stays so, {LogOf("meilisearch")} says why", "search-down");
        if (IsDown("redis"))
            yield return new($"Redis is {StateOf("redis")}: things are slower, not wrong", $"wait, it is started again; if it stays so, {LogOf("redis")} says why");

        var explained = new HashSet<string>(database.Concat(index), StringComparer.Ordinal);
        foreach (var (name, state) in resources.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            if (name is "postgres" or "meilisearch" or "redis" || state.IsWell || state.State == "failed" || explained.Contains(name) || (IsDown("postgres") && name.EndsWith("db", StringComparison.Ordinal))) continue;
            var one = state.State switch
            {
                "waiting" => new Diagnosis($"{name} waits for what it needs", "mend what else is listed here; it starts by itself then"),
                // The gateway's health is that of the services.
                "unhealthy" when name == "gateway" && IsExplained(facts) => null,
                "unhealthy" => new Diagnosis($"{name} runs, but is not healthy{Because(facts, name)}", $"wait, and if it stays so read {LogOf(name)}", "service-unhealthy"),
                _ => new Diagnosis($"{name} is {state.State ?? "unknown"}: it ended or begins just now", $"wait, what dies is started again; {LogOf(name)} says why it ended", "service-unhealthy"),
            };
            if (one is not null) yield return one;
        }
        foreach (var (name, health) in facts.Services.Where(s => s.Value.Status == "Unreachable" && resources[s.Key].IsWell).OrderBy(s => s.Key, StringComparer.Ordinal))
            yield return new($"{name} does not answer, though its process lives", $"wait; if it stays so, end process {resources[name].Pid} and it is started again; {LogOf(name)} says what it did last", "service-unhealthy");
        foreach (var (name, health) in facts.Services.OrderBy(s => s.Key, StringComparer.Ordinal))
            foreach (var (part, said) in health.Parts ?? new Dictionary<string, ServicePart>())
                if (said.Status != "Healthy" && part is not ("PostgreSql" or "Meilisearch" or "disk") && !facts.Services.ContainsKey(part))
                    yield return part == "feeds"
                        ? new($"{name} is behind: {said.Detail}", $"wait, it catches up by itself; if it stays so, {LogOf(name)} says why", "feed-behind")
                        : new($"{name}: {part} is not well: {said.Detail}", $"read {LogOf(name)}", "service-unhealthy");
    }

    /// <summary>Services that say that this part of them is not well.</summary>
    private static List<string> Saying(PlatformFacts facts, string part) =>
        [.. facts.Services.Where(service => service.Value.Parts?.GetValueOrDefault(part) is { Status: not "Healthy" }).Select(service => service.Key).Order(StringComparer.Ordinal)];

    /// <summary>Something else than the gateway is not well.</summary>
    private static bool IsExplained(PlatformFacts facts) =>
        facts.Platform!.Resources!.Any(r => r.Key != "gateway" && !r.Value.IsWell) || facts.Services.Any(s => s.Key != "gateway" && s.Value.Status is "Unhealthy" or "Unreachable");

    private static string Because(PlatformFacts facts, string service) =>
        facts.Services.GetValueOrDefault(service)?.Parts?.Where(part => part.Value.Status == "Unhealthy").Select(part => part.Key).ToList() is { Count: > 0 } parts
            ? $" ({string.Join(", ", parts)})" : "";
}
