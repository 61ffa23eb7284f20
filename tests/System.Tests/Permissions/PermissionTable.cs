using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>The page an operator reads, permissions.md, as the test drives it.</summary>
internal static class PermissionTable
{
    public static IReadOnlyList<PermissionRow> Rows { get; } = [.. Read()];

    private static IEnumerable<PermissionRow> Read()
    {
        string[] columns = [];
        var path = Path.Combine(SharedFolder.Repository, "tests", "System.Tests", "Permissions", "permissions.md");
        foreach (var line in File.ReadLines(path).Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal)))
        {
            var cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            if (cells[0] == "service") columns = cells;
            if (cells.Length <= 3 || cells[0] == "service") continue;
            if (cells.Length != columns.Length) throw new InvalidDataException($"permissions.md has {cells.Length} cells instead of {columns.Length} in: {line}");
            var expected = columns.Zip(cells).Skip(3).ToDictionary(pair => pair.First, pair => pair.Second);
            var request = cells[1].Split(' ', 2);
            foreach (var method in request[0].Split(','))
                foreach (var on in cells[2].Split(' ')) yield return new PermissionRow(cells[0], $"{method} {request[1]}", on, expected);
        }
    }
}

/// <param name="Request">Method, pattern, and in brackets which of the requests that the route takes.</param>
/// <param name="On">A visibility, or <c>-</c>.</param>
/// <param name="Expected">By caller: a status, <c>hidden</c>, <c>hidden401</c>, <c>shown</c> or <c>absent</c>.</param>
internal sealed record PermissionRow(string Service, string Request, string On, IReadOnlyDictionary<string, string> Expected)
{
    public string Route => $"{Service} {Request.Split(" (")[0]}";
}
