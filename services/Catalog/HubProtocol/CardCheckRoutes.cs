using System.Text.Json;
using ZooPlatform.Formats.Cards;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Catalog.HubProtocol;

/// <summary><c>POST /api/validate-yaml</c>: Hugging Face clients ask it about a card before they push it, and stop at an error.</summary>
internal static class CardCheckRoutes
{
    private static readonly HashSet<string> s_errors = new(["card.front-matter-broken", "card.front-matter-too-long", "card.front-matter-open"], StringComparer.Ordinal);

    public static void MapCardCheck(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/validate-yaml", Check).RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Hub).ExcludeFromDescription();

    private static async Task<IResult> Check(HttpRequest request, CancellationToken ct)
    {
        Question? question;
        try
        {
            question = await JsonSerializer.DeserializeAsync<Question>(request.Body, JsonSerializerOptions.Web, ct);
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The body is not the JSON this expects.", e);
        }
        var findings = CardReader.Read(question?.Content ?? "").Findings;
        object[] Of(bool errors) => [.. findings.Where(finding => s_errors.Contains(finding.Kind) == errors).Select(finding => new { message = finding.Message })];
        var broken = Of(errors: true);
        return TypedResults.Json(new { errors = broken, warnings = Of(errors: false) }, JsonSerializerOptions.Web, statusCode: broken.Length == 0 ? 200 : 400);
    }

    private sealed record Question(string? Content);
}
