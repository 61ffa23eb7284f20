using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Web.Pages;

/// <summary>A family laid out as a picture, like folders: a row a model, one step to the right a generation, in pixels.</summary>
/// <remarks>A model stands one step right of the farthest of its bases, and below its base.</remarks>
internal sealed class LineageMap
{
    /// <summary>A larger family is shown as its table alone.</summary>
    public const int MaxModels = 20;

    public const int BoxWidth = 208;
    public const int BoxHeight = 44;
    private const int ColumnWidth = 112;
    private const int RowHeight = BoxHeight + 16;

    public LineageMap(FamilyView family)
    {
        var boxes = new Dictionary<Guid, Box>();
        void Put(RelativeView model)
        {
            if (boxes.ContainsKey(model.Id)) return;
            // Bases come first, so those of a model are placed already; in a circle of cards one is not.
            var column = family.Derivations.Where(edge => edge.Model == model.Id && boxes.ContainsKey(edge.Base)).Select(edge => boxes[edge.Base].Column + 1).DefaultIfEmpty(0).Max();
            boxes[model.Id] = new Box(model, column, boxes.Count);
            foreach (var child in family.Models.Where(child => family.Derivations.Any(edge => edge.Base == model.Id && edge.Model == child.Id)))
                if (family.Derivations.Where(edge => edge.Model == child.Id).All(edge => boxes.ContainsKey(edge.Base))) Put(child);
        }
        foreach (var model in family.Models) Put(model);
        Boxes = [.. boxes.Values];
        Arrows = [.. family.Derivations.Where(edge => boxes.ContainsKey(edge.Base) && boxes.ContainsKey(edge.Model))
            .Select(edge => new Arrow(boxes[edge.Base], boxes[edge.Model], edge.Relation))];
    }

    public IReadOnlyList<Box> Boxes { get; }
    public IReadOnlyList<Arrow> Arrows { get; }
    public int Width => (Boxes.Max(box => box.Column) * ColumnWidth) + BoxWidth + 2;
    public int Height => (Boxes.Count * RowHeight) - 16 + 2;

    internal sealed record Box(RelativeView Model, int Column, int Row)
    {
        public int X => (Column * ColumnWidth) + 1;
        public int Y => (Row * RowHeight) + 1;
    }

    internal sealed record Arrow(Box From, Box To, string Relation)
    {
        /// <summary>Out of the base's lower side, down, and into the left side of what was made.</summary>
        public string Path => $"M{From.X + 20} {From.Y + BoxHeight} V{To.Y + (BoxHeight / 2)} H{To.X - 6}";

        public int LabelX => To.X - 10;
        public int LabelY => To.Y + (BoxHeight / 2) - 6;
    }
}
