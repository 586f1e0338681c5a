using System.Diagnostics.Metrics;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Contracts.Tests.Telemetry;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new("test-" + Guid.NewGuid());

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Counters_add_up_per_label_set_and_labels_are_escaped_and_sorted()
    {
        using var exporter = new PrometheusExporter(_meter.Name);
        Counter<long> counter = _meter.CreateCounter<long>("glusterbus_lines_read_total", description: "Lines\nread.");
        counter.Add(1, new("node", "gl1"), new("file", "a\"b\\c\nd"));
        counter.Add(2, new("file", "a\"b\\c\nd"), new("node", "gl1"));
        counter.Add(5);

        exporter.Write().ShouldBe("""
            # HELP glusterbus_lines_read_total Lines\nread.
            # TYPE glusterbus_lines_read_total counter
            glusterbus_lines_read_total 5
            glusterbus_lines_read_total{file="a\"b\\c\nd",node="gl1"} 3

            """);
    }

    [Fact]
    public void An_instrument_made_before_the_exporter_is_seen_too()
    {
        Counter<int> counter = _meter.CreateCounter<int>("early_total");
        using var exporter = new PrometheusExporter(_meter.Name);
        counter.Add(1);

        exporter.Write().ShouldContain("early_total 1\n");
    }

    [Fact]
    public void Observable_instruments_are_asked_at_each_scrape_and_do_not_add_up_over_time()
    {
        int level = 3;
        _meter.CreateObservableGauge("queue_depth", () => level);
        using var exporter = new PrometheusExporter(_meter.Name);

        exporter.Write().ShouldContain("queue_depth 3\n");
        level = 2;
        exporter.Write().ShouldContain("# TYPE queue_depth gauge\nqueue_depth 2\n");
    }

    [Fact]
    public void A_gauge_replaces_and_an_up_down_counter_adds()
    {
        using var exporter = new PrometheusExporter(_meter.Name);
        Gauge<double> gauge = _meter.CreateGauge<double>("gauge");
        gauge.Record(1.5);
        gauge.Record(2.5);
        UpDownCounter<int> upDown = _meter.CreateUpDownCounter<int>("up_down");
        upDown.Add(3);
        upDown.Add(-1);

        string text = exporter.Write();
        text.ShouldContain("gauge 2.5\n");
        text.ShouldContain("# TYPE up_down gauge\nup_down 2\n");
    }

    [Fact]
    public void Histograms_have_cumulative_buckets_a_sum_and_a_count()
    {
        using var exporter = new PrometheusExporter(_meter.Name);
        Histogram<double> histogram = _meter.CreateHistogram("delivery_seconds", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.05, new KeyValuePair<string, object?>("to", "x"));
        histogram.Record(0.5, new KeyValuePair<string, object?>("to", "x"));
        histogram.Record(7, new KeyValuePair<string, object?>("to", "x"));

        exporter.Write().ShouldBe("""
            # TYPE delivery_seconds histogram
            delivery_seconds_bucket{to="x",le="0.1"} 1
            delivery_seconds_bucket{to="x",le="1"} 2
            delivery_seconds_bucket{to="x",le="+Inf"} 3
            delivery_seconds_sum{to="x"} 7.55
            delivery_seconds_count{to="x"} 3

            """);
    }

    [Fact]
    public void Another_meters_instruments_are_left_out()
    {
        using var other = new Meter("other-" + Guid.NewGuid());
        using var exporter = new PrometheusExporter(_meter.Name);
        other.CreateCounter<int>("foreign_total").Add(1);

        exporter.Write().ShouldBeEmpty();
    }

    [Fact]
    public void The_process_tells_its_memory_and_its_processor_time()
    {
        var text = new PrometheusText();
        ProcessMetrics.Write(text);

        text.ToString().ShouldContain("# TYPE process_cpu_seconds_total counter\n");
        text.ToString().Split('\n').Single(l => l.StartsWith("process_resident_memory_bytes ")).Split(' ')[1].ShouldNotBe("0");
    }
}
