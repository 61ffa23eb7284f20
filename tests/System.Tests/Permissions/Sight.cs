using System.Diagnostics;
using Xunit;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>Ways in which somebody may still see something, each through another route; and how long they do.</summary>
internal sealed class Sight(string what)
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(400);
    private readonly List<(Person Eye, Ask Ask, Func<Answer, bool> Sees)> _ways = [];

    /// <summary>Everything there is to see of a kit, in every service.</summary>
    public static Sight Of(string what, Person eye, Kit kit, bool throughArtifact = true)
    {
        var sight = new Sight(what);
        if (throughArtifact)
        {
            sight.Add(eye, new Ask(HttpMethod.Get, kit.Api)).Add(eye, new Ask(HttpMethod.Get, $"{kit.Api}/files/main/README.md"))
                .Add(eye, new Ask(HttpMethod.Get, $"{kit.Api}/tree/main")).Add(eye, new Ask(HttpMethod.Get, $"/api/v1/repositories?owner={kit.Owner}"), kit.Name);
        }
        return sight.Add(eye, new Ask(HttpMethod.Get, $"/api/v1/models/{kit.FullName}")).Add(eye, new Ask(HttpMethod.Get, $"/api/v1/stubs/{kit.Stub}"))
            .Add(eye, new Ask(HttpMethod.Get, $"/api/v1/models?owner={kit.Owner}"), kit.Name)
            .Add(eye, new Ask(HttpMethod.Get, $"/api/v1/search?q={kit.Name}"), "\"total\":1").Add(eye, new Ask(HttpMethod.Get, $"/api/v1/search?q={kit.Name}"), $"\"{kit.Owner}\":1")
            .Add(eye, new Ask(HttpMethod.Get, "/api/v1/runs?limit=100"), kit.Run).Add(eye, new Ask(HttpMethod.Get, $"/api/v1/runs/{kit.Run}"))
            .Add(eye, new Ask(HttpMethod.Get, "/api/v1/deployments"), kit.Deployment)
            .Add(eye, new Ask(HttpMethod.Get, $"/v2/models/{kit.FullName}/ready"), "\"ready\"")
            .Add(eye, new Ask(HttpMethod.Post, "/v2/repository/index"), kit.FullName)
            .Add(eye, new Ask(HttpMethod.Get, $"/{kit.FullName}"), kit.Name).Add(eye, new Ask(HttpMethod.Get, $"/?q={kit.Name}"), $"/{kit.FullName}");
    }

    /// <summary>To have a model infer takes somebody signed in.</summary>
    public Sight AndInfers(Person eye, Kit kit) =>
        Add(eye, new Ask(HttpMethod.Get, $"/v2/models/{kit.FullName}")).Add(eye, new Ask(HttpMethod.Post, $"/v2/models/{kit.FullName}/infer") { Json = Kit.Inference });

    public Sight Add(Person eye, Ask ask, string text = "") =>
        Add(eye, ask, answer => (int)answer.Status == 200 && answer.Body.Contains(text, StringComparison.Ordinal));

    public Sight Add(Person eye, Ask ask, Func<Answer, bool> sees)
    {
        _ways.Add((eye, ask, sees));
        return this;
    }

    public async Task ShouldBeWholeAsync()
    {
        var blind = await AskAsync(seeing: false);
        Assert.True(blind.Count == 0, $"{what}, before: does not see\n  {string.Join("\n  ", blind)}");
    }

    /// <summary>Watches from now on: whoever asks at <paramref name="limit"/> or later, for three seconds more, must see nothing.</summary>
    /// <returns>When something was seen last.</returns>
    public async Task<TimeSpan> ShouldEndAsync(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var last = TimeSpan.Zero;
        while (clock.Elapsed < limit + TimeSpan.FromSeconds(3))
        {
            var asked = clock.Elapsed;
            var seen = await AskAsync(seeing: true);
            if (seen.Count > 0) last = asked;
            Assert.True(seen.Count == 0 || asked < limit, $"{what}: still seen {asked.TotalSeconds:0.0} s after\n  {string.Join("\n  ", seen)}");
            await Task.Delay(s_between);
        }
        return last;
    }

    private async Task<List<string>> AskAsync(bool seeing)
    {
        var found = await Task.WhenAll(_ways.Select(async way => (way, Answer: await way.Ask.SendAsync(way.Eye))));
        return [.. found.Where(one => one.way.Sees(one.Answer) == seeing).Select(one => $"{one.way.Ask}: {one.Answer}")];
    }
}
