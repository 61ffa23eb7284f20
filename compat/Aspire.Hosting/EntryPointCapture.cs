using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>
/// Lets a test run an AppHost's real entry point and take over at <c>Build()</c>. It flows with the execution context, so
/// AppHosts on other threads do not notice.
/// </summary>
internal sealed class EntryPointCapture
{
    private static readonly AsyncLocal<EntryPointCapture?> CurrentCapture = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointCapture? Current => CurrentCapture.Value;

    /// <summary>Changes how the builder is made, just before it is made.</summary>
    public Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? Configure { get; init; }

    /// <summary>The builder as the entry point left it.</summary>
    public Task<DistributedApplicationBuilder> Builder => _builder.Task;

    /// <summary>Runs the entry point here until it calls <c>Build()</c>.</summary>
    public void Run(Action entryPoint)
    {
        CurrentCapture.Value = this;
        try
        {
            entryPoint();
            _builder.TrySetException(new InvalidOperationException("The AppHost's entry point ended without calling Build()."));
        }
        catch (Exception e)
        {
            _builder.TrySetException((e as System.Reflection.TargetInvocationException)?.InnerException ?? e);
        }
        finally
        {
            CurrentCapture.Value = null;
        }
    }

    /// <exception cref="HostAbortedException">Always: nothing after <c>Build()</c> is to be run.</exception>
    public void Take(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        throw new HostAbortedException("The AppHost was described; its test builds and runs it.");
    }
}
