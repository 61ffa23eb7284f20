using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Formats.Tests;

public class CardReaderTests
{
    private const string Sound = """
        ---
        license: apache-2.0
        language: [en, no]
        tags:
          - onnx
          - int8
        pipeline_tag: image-classification
        library_name: onnx
        datasets: imagenet-1k
        base_model: acme/mobilenet-v2
        base_model_relation: quantized
        version: 1.10
        model-index:
          - name: mobilenet
            results:
              - metrics:
                  - type: accuracy
                    value: 0.71
        zoo:
          stub: cv/classification/mobilenet_v2/onnx/acme/imagenet/base-none
          task: image-classification
          hardware: [cpu]
        unknown_field: kept
        ---
        # MobileNet

        Text.
        """;

    [Fact]
    public void A_card_gives_its_fields_and_its_text()
    {
        var card = CardReader.Read(Sound);
        Assert.Empty(card.Findings);
        Assert.Equal("apache-2.0", card.License);
        Assert.Equal(["en", "no"], card.Languages);
        Assert.Equal(["onnx", "int8"], card.Tags);
        Assert.Equal("image-classification", card.PipelineTag);
        Assert.Equal(["imagenet-1k"], card.Datasets);
        Assert.Equal(["acme/mobilenet-v2"], card.BaseModels);
        Assert.Equal("quantized", card.BaseModelRelation);
        Assert.Equal("cv/classification/mobilenet_v2/onnx/acme/imagenet/base-none", card.Zoo.Stub);
        Assert.Equal(["cpu"], card.Zoo.Hardware);
        Assert.Equal("kept", (string?)card.FrontMatter!["unknown_field"]);
        Assert.Equal(0.71, (double)card.FrontMatter["model-index"]![0]!["results"]![0]!["metrics"]![0]!["value"]!);
        Assert.StartsWith("# MobileNet", card.Body);
    }

    [Fact]
    public void A_card_without_front_matter_is_all_text() => Assert.Equal("# Hello", CardReader.Read("# Hello").Body);

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_change_nothing() =>
        Assert.Equal("apache-2.0", CardReader.Read("\ufeff" + Sound.ReplaceLineEndings("\r\n")).License);

    [Fact]
    public void Broken_yaml_says_where_and_the_text_still_shows()
    {
        var card = CardReader.Read("---\nlicense: mit\ntags: [a, b\n---\n# Shown");
        var finding = Assert.Single(card.Findings);
        Assert.Equal(("card.front-matter-broken", FindingSeverity.Warning), (finding.Kind, finding.Severity));
        Assert.Matches("^Line [345], column [0-9]+: ", finding.Message);
        Assert.Equal("# Shown", card.Body);
        Assert.Null(card.License);
    }

    [Theory]
    [InlineData("license: mit\nlicense: gpl\n", "twice")]
    [InlineData("a: &a [x]\nb: *a\n", "Aliases")]
    [InlineData("- a\n- b\n", "mapping")]
    [InlineData("just text\n", "mapping")]
    public void What_a_front_matter_must_not_hold_is_a_finding(string yaml, string says)
    {
        var finding = Assert.Single(CardReader.Read($"---\n{yaml}---\nbody").Findings);
        Assert.Equal("card.front-matter-broken", finding.Kind);
        Assert.Contains(says, finding.Message);
    }

    [Fact]
    public void An_alias_bomb_is_refused_at_once()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        Assert.Equal("card.front-matter-broken", Assert.Single(CardReader.Read($"---\n{bomb}---\n").Findings).Kind);
    }

    [Fact]
    public void Deep_nesting_is_refused() => Assert.Equal("card.front-matter-broken",
        Assert.Single(CardReader.Read("---\na: " + new string('[', 10_000) + "\n---\n").Findings).Kind);

    [Fact]
    public void A_front_matter_of_10_megabytes_is_not_read()
    {
        var card = CardReader.Read("---\na: " + new string('x', 10 << 20) + "\n---\nbody");
        Assert.Contains(card.Findings, f => f.Kind is "card.too-long");
        Assert.Null(card.FrontMatter);
    }

    [Fact]
    public void A_tag_builds_nothing() =>
        Assert.Equal("calc", CardReader.Read("---\nlicense: !!python/object/apply:os.system calc\n---\n").License);

    [Fact]
    public void Control_characters_do_not_come_through()
    {
        var card = CardReader.Read("---\nlicense: m\u0000it\n---\nbody\u001b[2J\u0000");
        Assert.Equal("m\ufffdit", card.License);
        Assert.Equal("body\ufffd[2J\ufffd", card.Body);
    }

    [Fact]
    public void An_open_front_matter_is_shown_as_text()
    {
        var card = CardReader.Read("---\nlicense: mit\n# No end");
        Assert.Equal("card.front-matter-open", Assert.Single(card.Findings).Kind);
        Assert.Contains("# No end", card.Body);
    }

    [Fact]
    public void A_field_of_the_wrong_kind_is_a_finding_and_the_others_stay()
    {
        var card = CardReader.Read("---\nlicense: {a: b}\npipeline_tag: image-classification\n---\n");
        Assert.Equal("card.field-kind", Assert.Single(card.Findings).Kind);
        Assert.Null(card.License);
        Assert.Equal("image-classification", card.PipelineTag);
    }

    [Theory]
    [InlineData("1.10", "1.10")]
    [InlineData("007", "007")]
    [InlineData("no", "no")]
    [InlineData("7", "7")]
    public void A_plain_text_stays_as_it_was_written(string written, string read) =>
        Assert.Equal(read, CardReader.Read($"---\nlicense: {written}\n---\n").License);
}
