using System.Text.Json;

namespace ZooPlatform.Cli.Tests;

/// <summary>A person's terminal: a home folder of its own, its own environment, what commands printed.</summary>
internal sealed class Terminal : IDisposable
{
    /// <param name="inMemory">The home folder lies in memory: for large files, of which no disk's pace is meant.</param>
    public Terminal(string? zoo = null, bool inMemory = false)
    {
        Home = inMemory && Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/zoo-cli-{Guid.CreateVersion7():N}").FullName
            : Directory.CreateTempSubdirectory("zoo-cli-").FullName;
        Variables["HOME"] = Home;
        Variables["ZOO_DATA"] = Path.Combine(Home, "data");
        if (zoo is not null)
        {
            Variables["ZOO_URL"] = zoo;
        }
    }

    public string Home { get; }

    public Dictionary<string, string> Variables { get; } = [];

    public StringWriter Error { get; } = new();

    public string Output { get; private set; } = "";

    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public async Task<int> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        Error.GetStringBuilder().Clear();
        var surroundings = new Surroundings(output, TextWriter.Synchronized(Error), Variables.GetValueOrDefault, TimeProvider.System);
        var code = await new CommandLine(surroundings).RunAsync(args, CancellationToken.None);
        Output = output.ToString();
        return code;
    }

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<string> DoAsync(params string[] args)
    {
        var code = await RunAsync(args);
        Assert.True(code == 0, $"zoo {string.Join(' ', args)} ended with {code}: {Error}");
        return Output;
    }

    public string PathOf(string path) => Path.Combine(Home, path);

    public byte[] Write(string path, int bytes) => Write(path, RandomBytes(bytes));

    public byte[] Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllBytes(PathOf(path), content);
        return content;
    }

    public static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
