using Spectre.Console;
using Spectre.Console.Rendering;

namespace ZooPlatform.Cli.Terminals;

/// <summary>Rows under headings, columns aligned, no lines: easy to read and to cut.</summary>
internal static class Table
{
    public static void Write(TextWriter output, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows, string whenEmpty)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }
        foreach (var row in rows)
        {
            table.AddRow(row.Select(IRenderable (cell) => new Text(Printable(cell))));
        }
        if (table.Rows.Count == 0)
        {
            output.WriteLine(whenEmpty);
            return;
        }

        // Rendered at any width it needs, then without the blanks at the ends of lines.
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 10_000;
        console.Write(table);
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            output.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>The text without characters that would steer a terminal: what a zoo answers was written by strangers.</summary>
    public static string Printable(string? text) =>
        text is null ? "" : string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
