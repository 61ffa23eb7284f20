using System.Net;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Lineage;

public sealed class LineageTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [Fact]
    public async Task A_model_tells_what_it_was_made_from_and_what_was_made_from_it()
    {
        var (root, pruned, small) = (Kit.Name(), Kit.Name(), Kit.Name());
        await app.Push(small, Visibility.Public, Kit.DerivedFrom($"acme/{pruned}", "quantised"), Kit.Onnx());   // before its base is there
        await app.Push(pruned, Visibility.Public, Kit.DerivedFrom($"ACME/{root.ToUpperInvariant()}", "pruned"), Kit.Onnx());
        await app.Push(root, Visibility.Public, Kit.Card("license: mit"), Kit.Onnx());

        var middle = (await Find(app.Anonymous, pruned))!;
        Assert.Equal(new LineageView($"ACME/{root.ToUpperInvariant()}", "pruned", $"acme/{root}"), Assert.Single(middle.Lineage));
        Assert.Equal((small, "quantised"), middle.Variants!.Select(variant => (variant.Name, variant.Relation)).Single());
        Assert.Equal(pruned, Assert.Single((await Find(app.Anonymous, root))!.Variants!).Name);

        foreach (var start in new[] { root, pruned, small })
        {
            var family = await Family(app.Anonymous, start);
            Assert.Equal([root, pruned, small], family.Models.Select(model => model.Name));
            var names = family.Models.ToDictionary(model => model.Id, model => model.Name);
            Assert.Equal([(pruned, small, "quantised"), (root, pruned, "pruned")],
                family.Derivations.Select(edge => (names[edge.Base], names[edge.Model], edge.Relation)).OrderBy(edge => edge.Relation == "pruned"));
            Assert.False(family.Truncated);
        }
    }

    [Fact]
    public async Task A_relative_shows_its_size_accuracy_latency_and_defects()
    {
        var (root, damaged) = (Kit.Name(), Kit.Name());
        var model = await app.Push(root, Visibility.Public, Kit.Card("model-index: [{results: [{dataset: {name: held out}, metrics: [{type: accuracy, value: 0.75, name: top-1}]}]}]"), Kit.Onnx());
        await app.Push(damaged, Visibility.Public, Kit.DerivedFrom($"acme/{root}", "damaged"), Kit.OnnxWithValues(float.NaN, 0, 1, 2));
        app.Benchmark.Put(model.Id, new RunSummaryState(model.Id, model.Revision!, "model.onnx", Guid.CreateVersion7(), 1.5, 600, 50 << 20, true, "a test machine", TimeProvider.System.GetUtcNow()));

        var family = await Eventually(async () => await Family(app.Anonymous, root) is { Models: [{ LatencyP50Ms: not null }, ..] } measured ? measured : null);
        Assert.Equal((new MetricView("top-1", "accuracy", 0.75, "held out"), 1.5, 0), (family.Models[0].Metric, family.Models[0].LatencyP50Ms, family.Models[0].Findings));
        Assert.Equal(("model.onnx", "onnx", 0.25, 1), (family.Models[1].Main!.Path, family.Models[1].Main!.Format, family.Models[1].Main!.Sparsity!.Value, family.Models[1].Findings));
        Assert.Contains((await Find(app.Anonymous, damaged))!.Findings, finding => finding is { Kind: "tensor.nan", Severity: "warning", Path: "model.onnx" });
    }

    [Fact]
    public async Task A_hidden_model_is_no_base_no_variant_and_no_bridge_between_others()
    {
        var (root, secret, leaf) = (Kit.Name(), Kit.Name(), Kit.Name());
        await app.Push(root, Visibility.Public, Kit.Card("license: mit"), Kit.Onnx());
        await app.Push(secret, Visibility.Private, Kit.DerivedFrom($"acme/{root}", "pruned"), Kit.Onnx());
        await app.Push(leaf, Visibility.Public, Kit.DerivedFrom($"acme/{secret}", "quantised"), Kit.Onnx());
        var orphan = Kit.Name();
        await app.Push(orphan, Visibility.Public, Kit.DerivedFrom("acme/was-never-there", "quantised"), Kit.Onnx());

        foreach (var caller in new[] { app.Anonymous, app.Outsider })
        {
            Assert.Empty((await Find(caller, root))!.Variants!);
            Assert.Null(Assert.Single((await Find(caller, leaf))!.Lineage).Repository);
            Assert.Null(Assert.Single((await Find(caller, orphan))!.Lineage).Repository);
            Assert.Equal([root], (await Family(caller, root)).Models.Select(model => model.Name));
            Assert.Equal([leaf], (await Family(caller, leaf)).Models.Select(model => model.Name));
            Assert.DoesNotContain(await Bases(caller), model => model.Name == root || model.Name == secret);
            using var hidden = await caller.GetAsync($"/api/v1/lineage/acme/{secret}");
            await ShouldBeProblem(hidden, HttpStatusCode.NotFound, "model.unknown");
            foreach (var path in new[] { $"/api/v1/lineage/acme/{root}", "/api/v1/lineage?limit=50", $"/api/v1/models/acme/{root}" })
                Assert.DoesNotContain(secret, await caller.GetStringAsync(path));
        }
        Assert.Equal([root, secret, leaf], (await Family(app.Member, leaf)).Models.Select(model => model.Name));
        Assert.Contains(await Bases(app.Member), model => model.Name == root && model.Variants == 1);
    }

    [Fact]
    public async Task Cards_that_name_each_other_in_a_circle_and_a_card_that_names_itself_end()
    {
        var (first, second, alone) = (Kit.Name(), Kit.Name(), Kit.Name());
        await app.Push(first, Visibility.Public, Kit.DerivedFrom($"acme/{second}", "pruned"), Kit.Onnx());
        await app.Push(second, Visibility.Public, Kit.DerivedFrom($"acme/{first}", "pruned"), Kit.Onnx());
        await app.Push(alone, Visibility.Public, Kit.DerivedFrom($"acme/{alone}", "pruned"), Kit.Onnx());
        Assert.Equal(2, (await Family(app.Anonymous, first)).Models.Count);
        Assert.Single((await Family(app.Anonymous, alone)).Models);
        Assert.Empty((await Find(app.Anonymous, alone))!.Variants!);
    }

    [Fact]
    public async Task Bases_come_with_the_most_variants_first_and_a_limit_that_is_none_is_refused()
    {
        var root = Kit.Name();
        await app.Push(root, Visibility.Public, Kit.Card("license: mit"), Kit.Onnx());
        for (var i = 0; i < 4; i++) app.Tell(Kit.Name(), Visibility.Public, Kit.DerivedFrom($"acme/{root}", "pruned"), Kit.Onnx());
        var bases = await Eventually(async () => await Bases(app.Anonymous) is [{ Variants: 4 }, ..] all ? all : null);
        Assert.Equal(root, bases[0].Name);
        Assert.Equal(bases.OrderByDescending(model => model.Variants).Select(model => model.Variants), bases.Select(model => model.Variants));
        using var refused = await app.Anonymous.GetAsync("/api/v1/lineage?limit=51");
        await ShouldBeProblem(refused, HttpStatusCode.BadRequest, "limit.out-of-range");
    }

    private static async Task<FamilyView> Family(HttpClient caller, string name)
    {
        using var answer = await caller.GetAsync($"/api/v1/lineage/acme/{name}");
        return await Read<FamilyView>(answer);
    }

    private static async Task<IReadOnlyList<BaseView>> Bases(HttpClient caller)
    {
        using var answer = await caller.GetAsync("/api/v1/lineage?limit=50");
        return (await Read<Page<BaseView>>(answer)).Items;
    }
}
