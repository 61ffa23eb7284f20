using System.Net;
using ZooPlatform.Catalog.Stubs;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Stubs;

public sealed class StubTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    private static int s_taken;

    private static string Fresh() => $"cv/classification/resnet_v1-{Interlocked.Increment(ref s_taken)}/pytorch/acme/imagenet/pruned95_quant-none";

    [Fact]
    public async Task A_stub_in_the_card_resolves_to_the_model()
    {
        var stub = Fresh();
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub($"\"zoo:{stub}?recipe_type=original\""), Kit.Onnx());
        Assert.Equal(stub, model.Stub);
        Assert.Equal(("cv", "pytorch"), (model.Domain, Assert.Single(model.Frameworks)));
        using var answer = await app.Anonymous.GetAsync($"/api/v1/stubs/{stub.ToUpperInvariant()}");
        Assert.Equal(new StubView(stub, model.Id, $"acme/{model.Name}"), await Read<StubView>(answer));
    }

    [Fact]
    public async Task A_refused_claim_does_not_name_a_private_holder()
    {
        var stub = Fresh();
        var hidden = await app.Push(Kit.Name(), Visibility.Private, Kit.CardWithStub(stub));
        var lost = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub(stub.ToUpperInvariant()));
        Assert.Null(lost.Stub);
        var finding = Assert.Single(lost.Findings, finding => finding.Kind == "stub.taken");
        using var seen = await app.Outsider.GetAsync($"/api/v1/models/acme/{lost.Name}");
        var text = await seen.Content.ReadAsStringAsync();
        Assert.DoesNotContain(hidden.Name, text);
        Assert.DoesNotContain(hidden.Id.ToString(), text);
        Assert.Contains("belongs to another model", finding.Message, StringComparison.Ordinal);
        Assert.Equal(stub, (await Find(app.Member, hidden.Name))!.Stub);
    }

    [Fact]
    public async Task Of_many_who_claim_a_stub_at_once_one_gets_it()
    {
        var stub = Fresh();
        var models = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub(stub))));
        Assert.Single(models, model => model.Stub == stub);
        Assert.Equal(7, models.Count(model => model.Findings.Any(finding => finding.Kind == "stub.taken")));
    }

    [Fact]
    public async Task A_stub_that_becomes_free_goes_to_who_waits_for_it()
    {
        var stub = Fresh();
        var first = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub(stub));
        var second = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub(stub));
        Assert.Null(second.Stub);

        app.Delete(first.Id);
        await Eventually(async () => (await Find(app.Member, second.Name))?.Stub);

        var third = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub(stub));
        await app.Push(second.Name, Visibility.Public, Kit.Card("license: mit"));
        await Eventually(async () => (await Find(app.Member, third.Name))?.Stub);
    }

    [Fact]
    public async Task A_malformed_stub_is_a_finding_and_an_unknown_one_a_404()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.CardWithStub("cv/classification/only-three"));
        Assert.Contains(model.Findings, finding => finding is { Kind: "stub.malformed", Severity: "warning", Path: "README.md" });
        using var malformed = await app.Anonymous.GetAsync("/api/v1/stubs/cv/classification/only-three");
        await ShouldBeProblem(malformed, HttpStatusCode.BadRequest, "stub.malformed");
        using var unknown = await app.Anonymous.GetAsync("/api/v1/stubs/cv/classification/nobody-1/pytorch/acme/imagenet/base-none");
        await ShouldBeProblem(unknown, HttpStatusCode.NotFound, "stub.unknown");
    }

    [Theory]
    [InlineData("cv/classification/resnet_v1-50/pytorch/sparseml/imagenet/pruned95_quant-none", true)]
    [InlineData("cv/classification/resnet_v1-50/pytorch/sparseml/imagenet-augmented/pruned_quant-aggressive", true)]
    [InlineData("zoo:cv/detection/yolov5-s/pytorch/ultralytics/coco/pruned35_quant-none-vnni", true)]
    [InlineData("nlp/question_answering/distilbert-none/pytorch/huggingface/squad/pruned90-none", true)]
    [InlineData("nlp/masked_language_modeling/opt-1.3b/pytorch/huggingface/opt_pretrain/pruned-aggressive-97", true)]
    [InlineData("cv/classification/resnet_v1-50/pytorch/sparseml/imagenet/base", false)]              // no category
    [InlineData("cv/classification/resnet_v1-50/pytorch/sparseml/imagenet", false)]
    [InlineData("cv/classification/resnet_v1-50/pytorch/sparseml/imagenet/base-none/more", false)]
    [InlineData("cv/classification/../pytorch/sparseml/imagenet/base-no ne", false)]
    [InlineData("cv//resnet/pytorch/sparseml/imagenet/base-none", false)]
    [InlineData("cv/classification/resnet^v1/pytorch/sparseml/imagenet/base-none", false)]            // upstream's A-z let this through
    [InlineData("cv/classification/resnet/pytorch/sparseml/imagenet/base-none\n", true)]              // surrounding blanks are taken away
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_stub_has_seven_parts_of_plain_words(string? text, bool isStub) => Assert.Equal(isStub, StubPath.TryParse(text, out _));
}
