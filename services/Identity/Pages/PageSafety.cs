using System.Threading.RateLimiting;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Pages;

/// <summary>What holds for every page here: no framing, no scripts, no referrer, no caching, guarded forms, limited tries.</summary>
internal static class PageSafety
{
    public const string FormLimit = "forms";

    public static IServiceCollection AddPageSafety(this IServiceCollection services)
    {
        services.AddOptions<Microsoft.AspNetCore.Antiforgery.AntiforgeryOptions>().Configure<SessionCookie>((options, session) =>
        {
            options.Cookie.Name = $"{session.Name}-form";
            options.Cookie.Path = "/";
            options.FormFieldName = "form_token";
        });
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(FormLimit, context => HttpMethods.IsPost(context.Request.Method)
                ? RateLimitPartition.GetFixedWindowLimiter(ClientAddress.KeyOf(context), _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = context.RequestServices.GetRequiredService<IOptions<SignInLimitOptions>>().Value.TriesPerAddressAndMinute,
                    Window = TimeSpan.FromMinutes(1),
                })
                : RateLimitPartition.GetNoLimiter("reading"));
            limiter.OnRejected = async (rejected, ct) =>
            {
                rejected.HttpContext.Response.Headers.RetryAfter = "60";
                await new ErrorPage(429, "Too many tries", "Your address has sent too many forms. Wait a minute, then try again.").ExecuteAsync(rejected.HttpContext);
            };
        });
        return services;
    }

    public static void UsePageSafety(this WebApplication app)
    {
        // The gateway speaks plain HTTP to us, so the cookies cannot take Secure from the request.
        app.UseCookiePolicy(new CookiePolicyOptions { Secure = CookieSecurePolicy.Always, HttpOnly = HttpOnlyPolicy.Always, MinimumSameSitePolicy = SameSiteMode.Lax });
        app.UseRateLimiter();
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/account") || context.Request.Path.StartsWithSegments("/connect") || context.Request.Path.StartsWithSegments("/oauth"))
            {
                var headers = context.Response.Headers;
                // No form-action: browsers apply it to the redirects that follow, and a sign-in ends at the client's redirect URI.
                headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
                headers["Referrer-Policy"] = "no-referrer";
                headers.XContentTypeOptions = "nosniff";
                headers.CacheControl = "no-cache, no-store";   // as antiforgery wants it, which else warns at every form
            }
            return next(context);
        });
    }

    public static void MapStyle(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/account/style.css", () => TypedResults.Stream(
            typeof(PageSafety).Assembly.GetManifestResourceStream("style.css")!, "text/css; charset=utf-8")).RequireAuthorization(Policies.Open);
}
