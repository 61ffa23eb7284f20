using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact;

/// <summary>A refusal in the words of a protocol that is not ours.</summary>
internal sealed class Refused(ProblemHttpResult refusal, ErrorShape shape) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => httpContext.RefuseAsync(refusal, shape);
}
