namespace ZooPlatform.Web;

/// <summary>What a browser may do with our pages: nothing of another origin, not even pictures (who reads which card is nobody else's
/// business), no framing, no plug-ins; and no shared cache keeps a page, since pages differ by reader.</summary>
internal static class PageHeaders
{
    private const string Policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    public static void UsePageHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "private, no-cache";
        return next(context);
    });
}
