using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting;

/// <summary>The name of a volume that nobody named: <c>application-hash-resource-suffix</c>.</summary>
internal static class VolumeName
{
    /// <remarks>The hash tells AppHosts of the same name apart: by path where they run, by file name where they are published.</remarks>
    public static string Of<T>(IResourceBuilder<T> builder, string suffix) where T : IResource
    {
        var application = builder.ApplicationBuilder;
        var project = application.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == "apphostprojectname")?.Value ?? application.Environment.ApplicationName;
        var identity = application.ExecutionContext.IsPublishMode
            ? project
            : Path.Combine(application.AppHostDirectory, project).ToLowerInvariant();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..10];
        return $"{application.Environment.ApplicationName.ToLowerInvariant()}-{hash}-{builder.Resource.Name}-{suffix}";
    }
}
