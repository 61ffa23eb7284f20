using System.Text;
using System.Text.Json;
using ZooPlatform.Formats.Notebooks;

namespace ZooPlatform.Formats.Tests;

public class NotebookTests
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Fact]
    public void Cells_and_their_outputs_are_read()
    {
        var notebook = Read(new
        {
            nbformat = 4,
            metadata = new { kernelspec = new { language = "python" } },
            cells = new object[]
            {
                new { cell_type = "markdown", source = new[] { "# Title\n", "text" } },
                new
                {
                    cell_type = "code",
                    source = "print(1)",
                    outputs = new object[]
                    {
                        new { output_type = "stream", text = new[] { "\u001b[31mred\u001b[0m\n", "two\u0007" } },
                        new { output_type = "display_data", data = new Dictionary<string, string> { ["text/plain"] = "<Image>", ["image/png"] = Png + "\n" } },
                        new { output_type = "error", ename = "ValueError", evalue = "no", traceback = new[] { "line 1", "line 2" } },
                    },
                },
            },
        });
        Assert.Equal(("python", 0), (notebook.Language, notebook.LeftOut));
        Assert.Equal([("markdown", "# Title\ntext"), ("code", "print(1)")], notebook.Cells.Select(cell => (cell.Kind, cell.Source)));
        Assert.Equal([new("text", "red\ntwo"), new("picture", "<Image>", Png, "image/png"), new("error", "ValueError: no\nline 1\nline 2")], notebook.Cells[1].Outputs);
    }

    [Theory]
    [InlineData("text/html", "<img src=x onerror=alert(1)>")]
    [InlineData("image/svg+xml", "<svg onload=alert(1)>")]
    [InlineData("application/javascript", "alert(1)")]
    [InlineData("application/vnd.jupyter.widget-view+json", "{}")]
    [InlineData("text/latex", "\\href{javascript:alert(1)}{x}")]
    [InlineData("image/png", "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+PHN2Zz4=")]   // says PNG, is SVG
    [InlineData("image/png", "iVBORw0KGgo\" onerror=\"alert(1)")]
    public void An_output_that_could_act_is_named_and_not_handed_on(string type, string content)
    {
        var notebook = Read(new
        {
            nbformat = 4,
            cells = new[] { new { cell_type = "code", source = "", outputs = new[] { new { output_type = "display_data", data = new Dictionary<string, string> { [type] = content } } } } },
        });
        var output = Assert.Single(Assert.Single(notebook.Cells).Outputs);
        Assert.Equal(("hidden", $"'{type}'", null), (output.Kind, output.Text.Replace('"', '\''), output.Picture));
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[1]", "no notebook")]
    [InlineData("{\"cells\":[]}", "no notebook")]
    [InlineData("{\"nbformat\":3,\"cells\":[]}", "format 3")]
    [InlineData("{\"nbformat\":4,\"cells\":[{\"cell_type\":", "no JSON")]
    public void What_is_no_notebook_says_why(string text, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => NotebookReader.Read(Encoding.UTF8.GetBytes(text))).Message);

    [Fact]
    public void A_hostile_notebook_costs_little()
    {
        Assert.Throws<InvalidDataException>(() => NotebookReader.Read(new byte[NotebookReader.MaxBytes + 1]));
        Assert.Throws<InvalidDataException>(() => NotebookReader.Read(Encoding.UTF8.GetBytes(new string('[', 100_000))));
        var cells = Read(new { nbformat = 4, cells = Enumerable.Repeat(new { cell_type = "markdown", source = "x" }, 700) });
        Assert.Equal((500, 200), (cells.Cells.Count, cells.LeftOut));
        var odd = Read(new { nbformat = 4, cells = new object[] { 1, "x", new { }, new { cell_type = "code", source = new { }, outputs = new object[] { 1, new { output_type = 1 } } } } });
        Assert.Equal(4, odd.Cells.Count);
        var wide = Read(new { nbformat = 4, cells = new[] { new { cell_type = "raw", source = new string('x', 1 << 20) } } });
        Assert.InRange(wide.Cells[0].Source.Length, 1, 70_000);
    }

    private static Notebook Read(object notebook) => NotebookReader.Read(JsonSerializer.SerializeToUtf8Bytes(notebook));
}
