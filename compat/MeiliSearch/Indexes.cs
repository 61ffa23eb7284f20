namespace Meilisearch;

/// <summary>Which page of the indexes.</summary>
public class IndexesQuery
{
    public int? Offset { get; set; }

    public int? Limit { get; set; }
}

/// <summary>A page of a list.</summary>
public class ResourceResults<T>
{
    public ResourceResults(T results, int? limit, int offset, int total)
    {
        Results = results;
        Limit = limit;
        Offset = offset;
        Total = total;
    }

    public T Results { get; }

    public int? Limit { get; }

    public int Offset { get; }

    public int Total { get; }
}

/// <summary>What an index holds.</summary>
public class IndexStats
{
    public int NumberOfDocuments { get; set; }

    public bool IsIndexing { get; set; }
}
