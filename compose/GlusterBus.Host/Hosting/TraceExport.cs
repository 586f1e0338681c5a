using System.Runtime.CompilerServices;
using GlusterBus.Runtime.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GlusterBus.Host.Hosting;

/// <summary>Sends traces to an OpenTelemetry collector. In a class of its own, so that a role without traces never loads OpenTelemetry.</summary>
internal static class TraceExport
{
    /// <summary>Exports until disposed; disposing sends what is left.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IDisposable Start(TelemetryOptions options) => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("glusterbus", serviceInstanceId: Environment.MachineName))
        .AddSource(Runtime.Telemetry.Telemetry.Name)
        .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SamplingRatio)))
        .AddOtlpExporter(exporter =>
        {
            exporter.Endpoint = options.OtlpEndpoint!;
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        })
        .Build();
}
