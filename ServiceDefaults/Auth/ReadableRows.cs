namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>A row that belongs to a repository and knows who may read it.</summary>
public interface IReadable
{
    /// <summary>The repository's id.</summary>
    Guid Id { get; }

    /// <summary>Reader keys; see <see cref="Readers"/>.</summary>
    string[] Readers { get; }
}

public static class ReadableRows
{
    /// <summary>May the caller read this row? The same rule as <see cref="VisibleTo"/>, for a row that is kept in memory.</summary>
    public static bool MayRead(this Caller caller, IReadable row) =>
        row.Readers.Any(caller.ReaderKeys.Contains) && caller.OnlyRepositories?.Contains(row.Id) != false;

    /// <summary>What the caller may read. Every query of a public route starts here.</summary>
    public static IQueryable<T> VisibleTo<T>(this IQueryable<T> rows, Caller caller) where T : class, IReadable
    {
        var keys = caller.ReaderKeys.ToArray();
        rows = rows.Where(row => row.Readers.Any(reader => keys.Contains(reader)));
        if (caller.OnlyRepositories is not { } only) return rows;
        var ids = only.ToArray();
        return rows.Where(row => ids.Contains(row.Id));
    }
}
