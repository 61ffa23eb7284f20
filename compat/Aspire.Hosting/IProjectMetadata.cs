namespace Aspire.Hosting;

/// <summary>Where a project lies. The build writes one class, <c>Projects.Name</c>, for each project the AppHost references.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The absolute path of the .csproj.</summary>
    string ProjectPath { get; }

    /// <summary>True when the project was built together with the AppHost.</summary>
    bool SuppressBuild => false;
}
