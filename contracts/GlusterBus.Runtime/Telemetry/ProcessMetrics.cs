using System.Diagnostics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>The process's own figures under the names that Prometheus's client libraries use.</summary>
public static class ProcessMetrics
{
    public static void Write(PrometheusText text)
    {
        using Process process = Process.GetCurrentProcess();
        text.Single("process_cpu_seconds_total", "Processor time used, user and system.", "counter", process.TotalProcessorTime.TotalSeconds);
        text.Single("process_resident_memory_bytes", "Resident memory.", "gauge", process.WorkingSet64);
        text.Single("process_start_time_seconds", "When the process began, in seconds since 1970.", "gauge",
            new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero).ToUnixTimeMilliseconds() / 1000.0);
        text.Single("dotnet_gc_heap_bytes", "Managed heap after the last collection.", "gauge", GC.GetGCMemoryInfo().HeapSizeBytes);
        text.Single("dotnet_gc_collections_total", "Garbage collections of all generations.", "counter", GC.CollectionCount(0));
    }
}
