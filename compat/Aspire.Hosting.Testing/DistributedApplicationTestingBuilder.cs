using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Runs an AppHost's real entry point up to <c>Build()</c>, and hands the description to a test.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly: <c>Projects.AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Ends the wait for the entry point.</param>
    /// <exception cref="InvalidOperationException">The entry point ended without building.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Ends the wait for the entry point.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="configureBuilder">Changes the options just before the AppHost's builder is made.</param>
    /// <param name="cancellationToken">Ends the wait for the entry point.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default)
    {
        var assembly = typeof(TEntryPoint).Assembly;
        var entryPoint = assembly.EntryPoint ?? throw new InvalidOperationException(
            $"{assembly.GetName().Name} has no entry point. Name a type of the AppHost, such as Projects.AppHost.");
        var capture = new EntryPointCapture
        {
            Configure = (options, settings) =>
            {
                options.AssemblyName ??= assembly.GetName().Name;
                configureBuilder(options, settings);
            },
        };

        // An entry point may do anything until it builds, so it gets a thread that is nobody else's.
        var thread = new Thread(() => capture.Run(() => entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [args])))
        {
            IsBackground = true,
            Name = $"{assembly.GetName().Name} entry point",
        };
        thread.Start();
        return new TestingBuilder(await capture.Builder.WaitAsync(cancellationToken));
    }
}
