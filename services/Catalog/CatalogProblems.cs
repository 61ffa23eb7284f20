using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Catalog;

/// <summary>Every refusal of the catalog.</summary>
internal static class CatalogProblems
{
    public static ProblemHttpResult ModelUnknown(string owner, string name) => Problem.Of(404, "model.unknown",
        $"There is no model '{owner}/{name}' that you can see. Try GET /api/v1/search?q=.");

    public static ProblemHttpResult StubUnknown(string stub) => Problem.Of(404, "stub.unknown",
        $"No model you can see has the stub '{stub}'. Try GET /api/v1/search?q=.");

    public static ProblemHttpResult StubMalformed(string stub) => Problem.Of(400, "stub.malformed",
        $"'{(stub.Length > 100 ? stub[..100] + "..." : stub)}' is no stub. A stub has seven parts: "
        + "domain/sub_domain/architecture[-sub]/framework/repo/dataset[-scheme]/sparse_name-category[-target].");
}
