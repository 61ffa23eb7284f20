using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Catalog.Taxonomies;

/// <summary>Domains and their tasks, by the names that Hugging Face's cards use.</summary>
internal static class Taxonomy
{
    public static TaxonomyView View { get; } = new([
        new("cv", [
            "image-classification", "object-detection", "image-segmentation", "keypoint-detection", "depth-estimation", "image-to-image",
            "image-feature-extraction", "zero-shot-image-classification", "video-classification", "unconditional-image-generation"]),
        new("nlp", [
            "text-classification", "token-classification", "question-answering", "text-generation", "fill-mask", "summarization",
            "translation", "feature-extraction", "sentence-similarity", "zero-shot-classification"]),
        new("audio", [
            "automatic-speech-recognition", "audio-classification", "text-to-speech", "audio-to-audio", "voice-activity-detection"]),
        new("tabular", ["tabular-classification", "tabular-regression", "time-series-forecasting"]),
        new("multimodal", ["image-to-text", "text-to-image", "visual-question-answering", "image-text-to-text", "document-question-answering"]),
        new("rl", ["reinforcement-learning", "robotics"]),
    ]);

    private static readonly Dictionary<string, string> s_domains =
        View.Domains.SelectMany(domain => domain.Tasks.Select(task => (task, domain.Name))).ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The domain a task belongs to; null for a task that is not in the list.</summary>
    public static string? DomainOf(string? task) => task is null ? null : s_domains.GetValueOrDefault(task);
}
