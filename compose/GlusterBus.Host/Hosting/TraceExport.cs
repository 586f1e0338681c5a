using System.Runtime.CompilerServices;
using GlusterBus.Host.Verbs;
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
    /// <param name="options">Where to, and how much.</param>
    /// <param name="role">The verb that was started: the service is <c>glusterbus-collect</c>, say.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IDisposable Start(TelemetryOptions options, string role) => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("glusterbus-" + role, serviceVersion: VersionVerb.Number, serviceInstanceId: Environment.MachineName))
        .AddSource(Runtime.Telemetry.Telemetry.Name)
        .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SamplingRatio)))
        .AddOtlpExporter(exporter =>
        {
            exporter.Endpoint = options.OtlpEndpoint!;
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        })
        .Build();
}
