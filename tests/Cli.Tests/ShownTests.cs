using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Formats;

namespace ZooPlatform.Cli.Tests;

/// <summary>What people see, letter by letter.</summary>
public sealed class ShownTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Then = new(2026, 11, 21, 12, 30, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("01900000-0000-7000-8000-000000000001");

    private readonly Queue<RunStatus> statuses = new([RunStatus.Queued, RunStatus.Running, RunStatus.Succeeded]);
    private int readings;
    private string head = "";
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            app.MapGet("/api/v1/search", (string q) => new SearchAnswer(
                q, 1, 2, q == "nothing" ? 0 : 3, q == "nothing" ? [] : [Hit("digits-cnn", 163_374), Hit("digits-cnn-int8", 51_737)],
                new Dictionary<string, IReadOnlyDictionary<string, long>>(), 1.5));
            app.MapGet("/api/v1/models/acme/m", () => ++readings < 3
                ? Results.Problem("There is no model 'acme/m' that you can see.", statusCode: 404, type: "urn:zoo:model.unknown")
                : Results.Ok(Model(head)));
            app.MapPost("/api/v1/runs", (CreateRun ask) => Run(RunStatus.Queued, ask.Repository));
            app.MapGet("/api/v1/runs", (string repository) => new Page<RunView>([Run(RunStatus.Succeeded, repository)]));
            app.MapGet("/api/v1/runs/{id:guid}", () => Run(statuses.Count > 1 ? statuses.Dequeue() : statuses.Peek(), "acme/m"));
            app.MapPost("/api/v1/organisations/acme/invitations", (CreateInvitation ask) =>
                new InvitationView(Id, "acme", ask.Email, ask.Role, Then, Then.AddDays(7), "http://zoo.example/account/invitation?code=x"));
            app.MapGet("/api/v1/tokens", () => new Page<TokenView>([new TokenView(Id, "ci\u001b[31m", "wxyz", ["read"], Then, Then.AddDays(90), null)]));
        });
        head = zoo.Add("acme/m", ("model.onnx", [1]));
        terminal = new Terminal(zoo.Url);
    }

    [Fact]
    public async Task A_search_shows_a_line_for_each_hit_and_how_to_see_more()
    {
        Assert.Equal(
            """
            MODEL                    TASK                  FORMATS  SIZE      LICENCE     TITLE
            samples/digits-cnn       image-classification  onnx     163.4 kB  apache-2.0  Digits
            samples/digits-cnn-int8  image-classification  onnx     51.7 kB   apache-2.0  Digits
            2 of 3; --page 2 shows more

            """, await terminal.DoAsync("search", "digts", "int8", "--format", "onnx", "--format", "gguf", "--sort", "size"));
        Assert.Contains("GET /api/v1/search?q=digts%20int8&format=onnx&format=gguf&sort=size", zoo.Requests);
        Assert.Equal("nothing found that you may see\n", await terminal.DoAsync("search", "nothing"));
    }

    [Fact]
    public async Task A_model_that_was_just_pushed_is_shown_as_soon_as_it_is_read()
    {
        var shown = await terminal.DoAsync("show", "acme/m");
        Assert.Equal("the zoo still reads acme/m: waiting\n", terminal.Error.ToString());
        Assert.Equal(
            $"""
             acme/m  A model
               summary       It does a thing.
               visibility    private
               revision      {head}
               stub          cv/classification/m/pytorch/acme/digits/base-none
               task          image-classification
               domain        cv
               frameworks    pytorch
               formats       onnx
               licence       apache-2.0
               tags          tiny, sample
               parameters    40,394
               size          163.4 kB
               derived from  samples/digits-cnn (quantised)

             files
             SIZE      FORMAT  ONNX RUNTIME  PATH
             163.4 kB  onnx    fit           model.onnx
             12 B      -       -             labels.txt

             inspection of model.onnx
               format        onnx
               producer      torch 2.9.1
               input         image: float32[batch,1,8,8]
               parameters    40,394
               nodes         12
               operators     Relu 4, Conv 3

             findings
             SEVERITY  KIND              FILE       WHAT
             warning   card.broken-yaml  README.md  Line 3: ?

             runs
             WHEN              STATUS     FILE        P50       P99       PER SECOND  MEMORY   ACCURACY  DEVICE
             2026-11-21 12:30  succeeded  model.onnx  0.015 ms  0.021 ms  64000       52.4 MB  passed    A CPU

             card
             # A model
             It does a thing.

             """, shown);
    }

    [Fact]
    public async Task A_run_is_waited_for_and_told()
    {
        Assert.Equal(
            $"""
             acme/m model.onnx at main: succeeded (run {Id})
               latency       p50 0.015 ms, p90 0.018 ms, p95 0.019 ms, p99 0.021 ms of 100 samples
               spread        min 0.014 ms, mean 0.016 ms, max 0.022 ms, median absolute deviation 0.0005 ms
               throughput    64000 calls a second
               load          4.20 ms, first run 1.10 ms
               peak memory   52.4 MB
               accuracy      passed: 0 of 150 elements in 3 sets differ, at most by 0
               device        A CPU, 2 cores, 8.0 GB, ONNX Runtime 1.29.0

             """, await terminal.DoAsync("bench", "acme/m", "--wait"));
        Assert.Equal("queued, 0 %\nrunning, 50 % measuring\n", terminal.Error.ToString());
    }

    [Fact]
    public async Task A_failed_run_ends_with_1()
    {
        statuses.Clear();
        statuses.Enqueue(RunStatus.Failed);
        Assert.Equal(1, await terminal.RunAsync("bench", "acme/m", "--wait", "--json"));
        Assert.Equal("failed", terminal.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_invitation_shows_its_link()
    {
        Assert.Equal(
            """
            ada@example.org may join acme as contributor until 2026-11-28 12:30 UTC:
            http://zoo.example/account/invitation?code=x
            send them this link yourself; it works once

            """, await terminal.DoAsync("user", "invite", "ada@example.org", "--org", "acme", "--role", "contributor"));
    }

    [Fact]
    public async Task What_strangers_wrote_cannot_steer_the_terminal()
    {
        Assert.DoesNotContain('\u001b', await terminal.DoAsync("token", "list"));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_999, "1.0 MB")]
    [InlineData(61_000_000_000, "61.0 GB")]
    public void Bytes_are_told_in_decimal_units(long bytes, string told) => Assert.Equal(told, Amounts.Bytes(bytes));

    [Fact]
    public void Progress_tells_rate_and_time_left_from_what_was_moved_now()
    {
        Assert.Equal(
            "uploading 30.0 MB of 50.0 MB (60 %), 5.0 MB/s, 4.0 s left",
            TransferProgress.Describe("uploading", 30_000_000, 50_000_000, 10_000_000, TimeSpan.FromSeconds(2)));
        Assert.Equal("uploading 0 B of 0 B (100 %)", TransferProgress.Describe("uploading", 0, 0, 0, TimeSpan.Zero));
    }

    private static SearchHit Hit(string name, long bytes) => new(
        Id, "samples", name, "Digits", null, "image-classification", "cv", ["pytorch"], ["onnx"], "apache-2.0", [], 40_394, bytes, null,
        Visibility.Public, Then, new Dictionary<string, IReadOnlyList<TextPiece>>());

    internal static ModelView Model(string head)
    {
        var inspection = new Inspection
        {
            Path = "model.onnx",
            Format = "onnx",
            Producer = "torch 2.9.1",
            Inputs = [new ValueFacts("image", "tensor", "float32", [Dimension.Named("batch"), Dimension.Of(1), Dimension.Of(8), Dimension.Of(8)])],
            ParameterCount = 40_394,
            NodeCount = 12,
            Operators = new Dictionary<string, int> { ["Conv"] = 3, ["Relu"] = 4 },
        };
        return new ModelView(
            Id, "acme", "m", Visibility.Private, "A model", "It does a thing.", head, false, "cv/classification/m/pytorch/acme/digits/base-none",
            "image-classification", "cv", ["pytorch"], ["onnx"], "apache-2.0", ["tiny", "sample"], 40_394, 163_374,
            new CardView(new Dictionary<string, System.Text.Json.JsonElement>(), "# A model\nIt does a thing.\n"),
            [new ModelFileView("model.onnx", "ab", 163_374, "onnx", true, inspection), new ModelFileView("labels.txt", "cd", 12, null, null, null)],
            [new FindingView("card.broken-yaml", "warning", "README.md", "Line 3: ?")], [new LineageView("samples/digits-cnn", "quantised")], null, Then, Then);
    }

    private static RunView Run(RunStatus status, string repository)
    {
        var ended = status == RunStatus.Succeeded;
        return new RunView(
            Id, Id, repository, "main", "model.onnx", status, status == RunStatus.Running ? 0.5 : 0, status == RunStatus.Running ? "measuring" : null,
            new RunSettings(), ended ? new DeviceView(Id, "d", "A CPU", 2, 8_000_000_000, null, "Linux", "1.29.0", ["cpu"], []) : null,
            ended
                ? new RunResults(
                    new LatencyView(100, 0.014, 0.016, 0.015, 0.018, 0.019, 0.021, 0.022, 0.0005), 64_000, 4.2, 1.1, 52_400_000,
                    new AccuracyView(true, 3, 150, 0, 0, 0, 1e-3, 1e-5, null))
                : null,
            Then, null, null);
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
