using System.Net;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Models;

public sealed class ModelTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [Fact]
    public async Task A_pushed_kit_shows_its_card_its_files_and_what_they_told()
    {
        var name = Kit.Name();
        var model = await app.Push(name, Visibility.Public,
            Kit.Card("license: Apache-2.0\npipeline_tag: image-classification\nlibrary_name: pytorch\ntags: [Digits, cnn]\n"
                + "base_model: acme/teacher\nbase_model_relation: quantized\nmodel-index: [{name: fine}]"),
            Kit.Onnx(), Kit.File("train.py", "print('hello')"));

        Assert.Equal("A Fine Model", model.Title);
        Assert.Equal("It tells digits apart.", model.Summary);
        Assert.Equal(("image-classification", "cv", "apache-2.0"), (model.Task, model.Domain, model.License));
        Assert.Equal(["pytorch"], model.Frameworks);
        Assert.Equal(["onnx"], model.Formats);
        Assert.Equal(["digits", "cnn"], model.Tags);
        Assert.Equal(new LineageView("acme/teacher", "quantised"), Assert.Single(model.Lineage));
        Assert.Equal("Apache-2.0", model.Card!.Fields["license"].GetString());
        Assert.StartsWith("# A Fine Model", model.Card.Markdown, StringComparison.Ordinal);
        Assert.Equal(["README.md", "model.onnx", "train.py"], model.Files.Select(file => file.Path));
        var onnx = model.Files.Single(file => file.Path == "model.onnx");
        Assert.Equal(("onnx", true), (onnx.Format, onnx.Fit));
        Assert.Equal("x", Assert.Single(onnx.Inspection!.Inputs).Name);
        Assert.Equal(1, onnx.Inspection.Operators["Relu"]);
        Assert.Null(model.Files.Single(file => file.Path == "train.py").Format);
        Assert.Empty(model.Findings);
        Assert.Equal(model.Files.Sum(file => file.SizeBytes), model.SizeBytes);
    }

    [Fact]
    public async Task A_new_revision_takes_the_place_of_what_was_read_before()
    {
        var name = Kit.Name();
        await app.Push(name, Visibility.Public, Kit.Card("license: mit"), Kit.Onnx("old.onnx"));
        var model = await app.Push(name, Visibility.Public, Kit.Card("license: bsd"), Kit.Onnx("new.onnx"));
        Assert.Equal("bsd", model.License);
        Assert.Equal(["README.md", "new.onnx"], model.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task A_repository_without_a_revision_is_listed_by_its_name_and_description()
    {
        var name = Kit.Name();
        app.Tell(name, Visibility.Public);
        var model = await Eventually(() => Find(app.Anonymous, name));
        Assert.Equal((name, "What acme says of it.", false), (model.Title, model.Summary, model.Inspecting));
        Assert.Null(model.Revision);
    }

    [Fact]
    public async Task What_one_may_not_see_is_missing_everywhere_and_looks_missing()
    {
        var name = Kit.Name();
        var stub = "cv/classification/secret_net-1/pytorch/acme/imagenet/base-none";
        await app.Push(name, Visibility.Private, Kit.CardWithStub(stub), Kit.Onnx());

        foreach (var caller in new[] { app.Anonymous, app.Outsider })
        {
            using var hidden = await caller.GetAsync($"/api/v1/models/acme/{name}");
            using var missing = await caller.GetAsync("/api/v1/models/acme/no-such-model");
            await ShouldBeProblem(hidden, HttpStatusCode.NotFound, "model.unknown");
            var differences = (await hidden.Content.ReadAsStringAsync()).Replace(name, "no-such-model");
            Assert.Equal(WithoutTrace(await missing.Content.ReadAsStringAsync()), WithoutTrace(differences));

            using var byStub = await caller.GetAsync($"/api/v1/stubs/{stub}");
            await ShouldBeProblem(byStub, HttpStatusCode.NotFound, "stub.unknown");
            Assert.DoesNotContain(await List(caller, "owner=acme"), model => model.Name == name);
        }
        Assert.Contains(await List(app.Member, "owner=acme"), model => model.Name == name);
    }

    [Fact]
    public async Task Making_a_model_private_hides_it_and_deleting_it_ends_it()
    {
        var name = Kit.Name();
        var model = await app.Push(name, Visibility.Public, Kit.Onnx());
        Assert.NotNull(await Find(app.Anonymous, name));

        app.Show(model.Id, Visibility.Private);
        await Eventually(async () => await Find(app.Anonymous, name) is null ? "hidden" : null);
        Assert.NotNull(await Find(app.Member, name));

        app.Delete(model.Id);
        await Eventually(async () => await Find(app.Member, name) is null ? "gone" : null);
        Assert.True((await app.Changes()).Items.Single(change => change.Subject == model.Id).Deleted);
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_without_losing_or_repeating_anything()
    {
        var task = $"task-{Guid.CreateVersion7():N}";
        var names = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            names.Add(Kit.Name());
            await app.Push(names[^1], Visibility.Public, Kit.Card($"pipeline_tag: {task}"), Kit.Onnx());
        }
        await app.Push(Kit.Name(), Visibility.Public, Kit.Card("pipeline_tag: another"), Kit.Onnx());

        var found = new List<string>();
        string? after = null;
        do
        {
            using var answer = await app.Anonymous.GetAsync($"/api/v1/models?task={task.ToUpperInvariant()}&format=onnx&limit=2{(after is null ? "" : $"&after={after}")}");
            var page = await Read<Page<ModelSummaryView>>(answer);
            found.AddRange(page.Items.Select(model => model.Name));
            after = page.Next;
        }
        while (after is not null);
        names.Reverse();
        Assert.Equal(names, found);
    }

    [Theory]
    [InlineData("limit=0", "limit.out-of-range")]
    [InlineData("limit=201", "limit.out-of-range")]
    [InlineData("after=nonsense", "cursor.invalid")]
    [InlineData("after=OTk5OTk5OTk5OTk5OTk5OTk5OTk6MDAw", "cursor.invalid")]
    public async Task A_list_refuses_what_it_cannot_mean(string query, string type)
    {
        using var answer = await app.Anonymous.GetAsync($"/api/v1/models?{query}");
        await ShouldBeProblem(answer, HttpStatusCode.BadRequest, type);
    }

    [Fact]
    public async Task The_feed_tells_which_files_are_fit_to_run_and_where_their_weights_lie()
    {
        var model = await app.Push(Kit.Name(), Visibility.Private,
            Kit.OnnxWithExternalData("onnx/model.onnx", "weights.bin"), ("onnx/weights.bin", new byte[8]), Kit.File("broken.onnx", "no protobuf at all"));
        var state = (await app.Changes()).Items.Single(change => change.Subject == model.Id).State!;
        Assert.Equal([$"org:{Acme}"], state.Readers);
        var fit = state.Files.Single(file => file.Path == "onnx/model.onnx");
        Assert.Equal((true, null), (fit.Fit, fit.Unfit));
        Assert.Equal(["onnx/weights.bin"], fit.ExternalData);
        var broken = state.Files.Single(file => file.Path == "broken.onnx");
        Assert.False(broken.Fit);
        Assert.StartsWith("onnx.not-parsable", broken.Unfit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_feed_is_for_services_with_the_scope_alone()
    {
        foreach (var caller in new[] { app.Member, app.Outsider, app.Anonymous })
        {
            using var answer = await caller.GetAsync("/internal/changes");
            Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task What_was_measured_stands_on_the_model_and_in_its_feed()
    {
        var name = Kit.Name();
        var model = await app.Push(name, Visibility.Public, Kit.Onnx());
        var run = new RunSummaryState(
            model.Id, model.Revision!, "model.onnx", Guid.CreateVersion7(), 1.5, 600, 50 << 20, true, "a test machine", TimeProvider.System.GetUtcNow());
        app.Benchmark.Put(model.Id, run);
        var measured = await Eventually(async () => (await Find(app.Anonymous, name))?.Benchmark);
        Assert.Equal((run.RunId, 1.5, true), (measured.RunId, measured.P50Ms, measured.AccuracyPassed));
        Assert.Equal(1.5, (await app.Changes()).Items.Single(change => change.Subject == model.Id).State!.LatencyP50Ms);
    }

    [Fact]
    public async Task A_token_for_one_repository_shows_that_one_alone()
    {
        var only = await app.Push(Kit.Name(), Visibility.Public, Kit.Onnx());
        var other = await app.Push(Kit.Name(), Visibility.Public, Kit.Onnx());
        using var narrowed = app.NarrowedTo(only.Id);
        Assert.Equal([only.Name], (await List(narrowed, "")).Select(model => model.Name));
        Assert.Null(await Find(narrowed, other.Name));
    }

    private static async Task<IReadOnlyList<ModelSummaryView>> List(HttpClient caller, string query)
    {
        using var answer = await caller.GetAsync($"/api/v1/models?limit=200&{query}");
        return (await Read<Page<ModelSummaryView>>(answer)).Items;
    }

    private static string WithoutTrace(string problem) =>
        System.Text.RegularExpressions.Regex.Replace(problem, "\"traceId\":\"[^\"]*\"", "");
}
