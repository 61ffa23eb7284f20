// A worker: one process, one model, one conversation on standard input and output (see Messages/). The Benchmark service starts it
// inside limits (memory, time, files, no network); it holds nothing that its model may not see.
using Microsoft.ML.OnnxRuntime;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Benchmark.Worker;

if (Environment.GetEnvironmentVariable("ORT_DISABLE_TELEMETRY") != "1")
{
    Console.Error.WriteLine("error: ORT_DISABLE_TELEMETRY is not 1\ntry:   set it before the worker starts; ONNX Runtime reads it when it is loaded");
    return 2;
}

var environment = new EnvironmentCreationOptions { logId = "zoo", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
OrtEnv.CreateInstanceWithOptions(ref environment);

// Plain pipes: System.Console would prepare a terminal first, for which a worker has no files left.
using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
ServiceGone.Watch();
using var conversation = new Conversation(new ServiceLine(input, output));
conversation.Run();
return 0;
