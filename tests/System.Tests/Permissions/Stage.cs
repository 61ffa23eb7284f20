using System.Collections.Concurrent;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>One organisation with everybody the table names, and a kit of each visibility; made once.</summary>
internal sealed class Stage
{
    private static readonly ConcurrentDictionary<RunningZoo, Task<Stage>> s_stages = new();
    private int _number;

    public required RunningZoo Running { get; init; }
    public required string Organisation { get; init; }

    /// <summary>By the table's word.</summary>
    public required IReadOnlyDictionary<string, Person> Callers { get; init; }

    /// <summary>By visibility: what is asked for. None is changed but by whoever may.</summary>
    public required IReadOnlyDictionary<string, Kit> Kits { get; init; }

    /// <summary>By visibility: empty ones, for what would do harm if it were let through.</summary>
    public required IReadOnlyDictionary<string, Kit> Spares { get; init; }

    /// <summary>A member whom nothing else is asked of.</summary>
    public required Person Bystander { get; init; }

    public Person Owner => Callers["owner"];

    public static Task<Stage> OnAsync(RunningZoo running) => s_stages.GetOrAdd(running, SetAsync);

    public int Next() => Interlocked.Increment(ref _number);

    public Task<Kit> FreshAsync(string visibility) => Kit.EmptyAsync(Owner, Organisation, visibility);

    private static async Task<Stage> SetAsync(RunningZoo running)
    {
        var administrator = Cast.Administrator(running);
        var organisation = await Cast.OrganisationAsync(administrator);
        var elsewhere = await Cast.OrganisationAsync(administrator);
        var joining = new Dictionary<string, Task<Person>>();
        foreach (var role in new[] { "reader", "contributor", "maintainer", "owner" })
            joining[role] = Cast.JoinAsync(running, administrator, organisation, role, role);
        foreach (var word in new[] { "outsider", "guest" })
            joining[word] = Cast.JoinAsync(running, administrator, elsewhere, "reader", word);
        joining["bystander"] = Cast.JoinAsync(running, administrator, organisation, "reader", "bystander");
        var people = new Dictionary<string, Person>();
        foreach (var (word, person) in joining) people[word] = await person;
        var owner = people["owner"];
        await administrator.JsonAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/{administrator.Name}");
        await administrator.JsonAsync(HttpMethod.Patch, $"/api/v1/users/{people["guest"].Name}", new { isGuest = true });

        var kits = new Dictionary<string, Kit>();
        var spares = new Dictionary<string, Kit>();
        foreach (var visibility in new[] { "public", "internal", "private" })
        {
            spares[visibility] = await Kit.EmptyAsync(owner, organisation, visibility);
            kits[visibility] = await Kit.ServedAsync(owner, organisation, visibility);
        }
        var bystander = people["bystander"];
        people.Remove("bystander");
        people["anonymous"] = Cast.Anonymous(running);
        people["administrator"] = administrator;
        people["narrowed"] = (await owner.WithTokenAsync(running, "read")).Person;
        people["account"] = await Cast.AccountAsync(running, owner, organisation, "robot");
        people["stranger"] = await Cast.AccountAsync(running, administrator, elsewhere, "robot");
        return new Stage { Running = running, Organisation = organisation, Callers = people, Kits = kits, Spares = spares, Bystander = bystander };
    }
}
