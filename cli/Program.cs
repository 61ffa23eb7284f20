using System.Runtime.InteropServices;
using ZooPlatform.Cli;

// Ctrl+C and SIGTERM cancel the command, which then leaves things in order; a second one ends the process at once.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var surroundings = new Surroundings(Console.Out, Console.Error, Environment.GetEnvironmentVariable, TimeProvider.System)
{
    OutputIsTerminal = !Console.IsOutputRedirected,
    ErrorIsTerminal = !Console.IsErrorRedirected,
};
return await new CommandLine(surroundings).RunAsync(args, stop.Token);
