using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Web.Pages;

/// <summary>Where a model's files lie, as paths of this platform.</summary>
internal static class ModelAddresses
{
    /// <param name="revision">Its id, a branch or a tag.</param>
    public static string File(ModelView model, string revision, string path) =>
        $"/api/v1/repositories/{model.Owner}/{model.Name}/files/{revision}/{Escaped(path)}";

    /// <summary>The page that shows a notebook.</summary>
    public static string Notebook(ModelView model, string path) => $"/{model.Owner}/{model.Name}/notebook/{Escaped(path)}";

    /// <summary>What a relative address in a text of the kit means: a path of the site, or a file of the kit.</summary>
    public static string Resolve(ModelView model, string address) =>
        address.StartsWith('/') ? address : File(model, model.Revision ?? "main", Uri.UnescapeDataString(address.Split('#', '?')[0]));

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
