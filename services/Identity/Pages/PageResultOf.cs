using Microsoft.AspNetCore.Mvc;

namespace ZooPlatform.Identity.Pages;

/// <summary>Lets a page answer with what routes answer with.</summary>
internal sealed class PageResultOf(IResult result) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context) => result.ExecuteAsync(context.HttpContext);
}
