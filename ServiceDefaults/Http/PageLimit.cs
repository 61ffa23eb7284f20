using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>The most items that one page of a list has.</summary>
internal sealed record PageLimit(int Max);

public static class PageLimits
{
    /// <summary>The route is a list: its <c>limit</c> is 1 to <paramref name="max"/>, and anything else is refused before the handler runs.</summary>
    public static RouteHandlerBuilder WithPages(this RouteHandlerBuilder list, int max) =>
        list.WithMetadata(new PageLimit(max)).AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.Query["limit"] is { Count: > 0 } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max)
                ? Problem.LimitOutOfRange(max)
                : await next(context));
}
