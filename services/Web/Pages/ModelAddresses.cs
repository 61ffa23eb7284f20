using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Web.Pages;

/// <summary>Where a model's files lie, as paths of this platform.</summary>
internal static class ModelAddresses
{
    /// <param name="revision">Its id, a branch or a tag.</param>
    public static string File(ModelView model, string revision, string path) =>
        $"/api/v1/repositories/{model.Owner}/{model.Name}/files/{revision}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
}
