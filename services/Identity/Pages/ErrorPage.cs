using System.Text.Encodings.Web;

namespace ZooPlatform.Identity.Pages;

/// <summary>A refusal for a person: what happened and what to do next.</summary>
internal sealed record ErrorPage(int Status, string Title, string Why) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        var html = HtmlEncoder.Default;
        return httpContext.Response.WriteAsync($"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{html.Encode(Title)} · ZooPlatform</title><link rel="stylesheet" href="/account/style.css"></head>
            <body><header><a class="brand" href="/">ZooPlatform</a></header>
            <main><section><h1>{html.Encode(Title)}</h1><p>{html.Encode(Why)}</p><p class="quiet">Go back and try again, or to the <a href="/">first page</a>.</p></section></main></body>
            </html>
            """, httpContext.RequestAborted);
    }
}
