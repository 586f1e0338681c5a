using System.Diagnostics.Metrics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>Gathers the instruments of one meter and writes them as Prometheus text (version 0.0.4) when somebody asks.</summary>
/// <remarks>Costs nothing between measurements and scrapes: no timer, no thread.</remarks>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type of <see cref="Write"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <param name="meterName">The meter to gather; the default is GlusterBus's own.</param>
    public PrometheusExporter(string? meterName = null)
    {
        string wanted = meterName ?? Telemetry.Meter.Name;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == wanted)
            {
                listener.EnableMeasurementEvents(instrument, Family(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>The text of all families, ordered by name.</summary>
    public string Write()
    {
        lock (_gate)
        {
            foreach (MetricFamily family in _families.Values)
            {
                family.BeginScrape();
            }
        }

        // Outside of the gate: observable instruments call user code.
        _listener.RecordObservableInstruments();
        var text = new PrometheusText();
        lock (_gate)
        {
            foreach (MetricFamily family in _families.Values)
            {
                family.Write(text);
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily Family(Instrument instrument)
    {
        lock (_gate)
        {
            string name = PrometheusText.Name(instrument.Name);
            if (!_families.TryGetValue(name, out MetricFamily? family))
            {
                _families[name] = family = new MetricFamily(name, instrument);
            }

            return family;
        }
    }

    private void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            ((MetricFamily)state!).Record(value, tags);
        }
    }
}
