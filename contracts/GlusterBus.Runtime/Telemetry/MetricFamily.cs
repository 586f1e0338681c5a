using System.Diagnostics.Metrics;

namespace GlusterBus.Runtime.Telemetry;

/// <summary>One metric with all its label sets. Guarded by the exporter.</summary>
internal sealed class MetricFamily
{
    /// <summary>Seconds, for histograms that give no advice.</summary>
    private static readonly double[] DefaultBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly string _name;
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isObservable;
    private readonly double[]? _bounds;
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public MetricFamily(string name, Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        _name = name;
        _help = instrument.Description ?? "";
        _isObservable = instrument.IsObservable;
        _type = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter"
            : kind == typeof(Histogram<>) ? "histogram"
            : "gauge";
        IsGauge = kind == typeof(Gauge<>);
        _bounds = _type == "histogram" ? Bounds(instrument) : null;
    }

    /// <summary>True when a measurement replaces the one before.</summary>
    private bool IsGauge { get; }

    /// <summary>What observable instruments told last time is forgotten: they tell everything again.</summary>
    public void BeginScrape()
    {
        if (_isObservable)
        {
            _series.Clear();
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = PrometheusText.Labels(tags);
        if (!_series.TryGetValue(labels, out Series? series))
        {
            _series[labels] = series = new Series(_bounds);
        }

        series.Record(value, replace: IsGauge);
    }

    public void Write(PrometheusText text)
    {
        text.Header(_name, _help, _type);
        foreach ((string labels, Series series) in _series)
        {
            series.Write(text, _name, labels, _bounds);
        }
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ => DefaultBounds,
    };

    private sealed class Series(double[]? bounds)
    {
        private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length];
        private double _sum;
        private long _count;

        public void Record(double value, bool replace)
        {
            // Several observable instruments of one name (one per node, say) add up.
            _sum = replace ? value : _sum + value;
            _count++;
            for (int i = 0; i < bounds?.Length; i++)
            {
                _buckets![i] += value <= bounds[i] ? 1 : 0;
            }
        }

        public void Write(PrometheusText text, string name, string labels, double[]? bounds)
        {
            if (bounds is null)
            {
                text.Sample(name, labels, _sum);
                return;
            }

            for (int i = 0; i < bounds.Length; i++)
            {
                text.Bucket(name, labels, bounds[i], _buckets![i]);
            }

            text.Bucket(name, labels, double.PositiveInfinity, _count);
            text.Sample(name + "_sum", labels, _sum);
            text.Sample(name + "_count", labels, _count);
        }
    }
}
