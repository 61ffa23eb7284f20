using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Search;

/// <summary>The database of the search service: see Migrations/0001_initial.sql. All of it is SQL; no entity is tracked.</summary>
internal sealed class SearchDb(DbContextOptions<SearchDb> options) : DbContext(options);
