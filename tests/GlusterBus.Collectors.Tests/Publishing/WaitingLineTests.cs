using System.Buffers;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Collectors.Publishing.Spooling;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.Publishing;

public sealed class WaitingLineTests : IDisposable
{
    private static readonly BatchFormat Format = new("c", "n1");

    private readonly TemporaryFolder _temporary = new();
    private readonly SemaphoreSlim _room = new(0);
    private WaitingLine _line;

    public WaitingLineTests() => _line = Open();

    public void Dispose()
    {
        _line.Dispose();
        _room.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void While_the_broker_is_away_logs_wait_looks_are_superseded_and_the_rest_is_spooled()
    {
        Task log = Join(Batches.Log(1));
        Task datagrams = Join(Batches.Datagrams(1));
        Task first = Join(Batches.Look(1, isFirst: true));
        Task later = Join(Batches.Look(2));

        log.IsCompleted.ShouldBeFalse();
        datagrams.IsCompletedSuccessfully.ShouldBeTrue();
        first.IsCompletedSuccessfully.ShouldBeTrue();
        later.Exception!.InnerException.ShouldBeOfType<SnapshotSupersededException>();
        _line.SpooledBatches.ShouldBe(2);
    }

    [Fact]
    public void A_waiting_log_keeps_its_place_among_what_is_spooled()
    {
        Join(Batches.Datagrams(1));
        Join(Batches.Log(1));
        Join(Batches.Datagrams(2));
        Join(Batches.Log(2));
        _line.Go();
        Task last = Join(Batches.Look(1));

        Parcel parcel = _line.Take().ShouldNotBeNull();
        Names(parcel).ShouldBe(["datagrams 1", "log 1", "datagrams 2", "log 2", "look 1"]);
        last.IsCompleted.ShouldBeFalse();
        _line.Confirm(parcel);
        last.IsCompletedSuccessfully.ShouldBeTrue();
        _line.IsEmpty.ShouldBeTrue();
        _room.CurrentCount.ShouldBe(5);
    }

    [Fact]
    public void What_was_under_way_when_the_broker_went_is_the_first_to_go_again()
    {
        _line.Go();
        Task[] tasks = [Join(Batches.Log(1)), Join(Batches.Datagrams(1)), Join(Batches.Look(1)), Join(Batches.Look(1, isFirst: true))];
        Names(_line.Take()!).ShouldBe(["log 1", "datagrams 1", "look 1", "look 1"]);

        _line.Stay();
        tasks.Select(task => task.Status).ShouldBe([TaskStatus.WaitingForActivation, TaskStatus.RanToCompletion, TaskStatus.Faulted, TaskStatus.RanToCompletion]);
        Join(Batches.Datagrams(2));
        _line.Go();

        Names(_line.Take()!).ShouldBe(["log 1", "datagrams 1", "look 1", "datagrams 2"]);
    }

    [Fact]
    public void A_message_takes_up_to_500_observations_and_a_larger_look_goes_as_it_is()
    {
        _line.Go();
        Join(Batches.Log(1, count: 300));
        Join(Batches.Log(2, count: 200));
        Join(Batches.Log(3, count: 1));
        Join(Batches.Look(1, count: 2000));
        Join(Batches.Log(4, count: 1));

        Next().ShouldBe(["log 1", "log 2"]);
        Next().ShouldBe(["log 3"]);
        Next().ShouldBe(["look 1"]);
        Next().ShouldBe(["log 4"]);
        _line.Take().ShouldBeNull();
    }

    [Fact]
    public void While_the_spool_is_drained_what_can_t_be_read_again_queues_up_in_it_and_its_source_goes_on()
    {
        Join(Batches.Datagrams(1, count: 500));
        _line.Go();
        Parcel parcel = _line.Take()!;
        Join(Batches.Datagrams(2)).IsCompletedSuccessfully.ShouldBeTrue();
        Join(Batches.Log(1)).IsCompleted.ShouldBeFalse();
        Join(Batches.Datagrams(3)).IsCompletedSuccessfully.ShouldBeTrue();
        _line.Confirm(parcel);

        Next().ShouldBe(["datagrams 2", "log 1", "datagrams 3"]);
        Join(Batches.Datagrams(4)).IsCompleted.ShouldBeFalse("the spool is empty, and the broker is there");
    }

    [Fact]
    public void Nothing_overtakes_a_first_look_that_waits_although_the_broker_goes_again()
    {
        Join(Batches.Datagrams(1));
        _line.Go();
        Join(Batches.Look(1, isFirst: true));
        Join(Batches.Datagrams(2)).IsCompleted.ShouldBeFalse();

        _line.Stay();
        _line.Go();
        Next().ShouldBe(["datagrams 1", "look 1", "datagrams 2"]);
    }

    [Fact]
    public void What_the_disk_refuses_waits_in_its_place_and_is_spooled_when_there_is_room_again()
    {
        File.WriteAllText(_temporary.File("spool"), "in the way");
        Task first = Join(Batches.Datagrams(1));
        Task second = Join(Batches.Datagrams(2));
        Join(Batches.Log(1));
        first.IsCompleted.ShouldBeFalse();

        File.Delete(_temporary.File("spool"));
        _line.Stay();
        first.IsCompletedSuccessfully.ShouldBeTrue();
        second.IsCompletedSuccessfully.ShouldBeTrue();
        _line.Go();
        Next().ShouldBe(["datagrams 1", "datagrams 2", "log 1"]);
    }

    [Fact]
    public void What_a_process_left_behind_goes_before_what_the_next_one_brings()
    {
        Join(Batches.Datagrams(1));
        Join(Batches.Look(1, isFirst: true));
        _line.Dispose();
        _line = Open();
        _line.Go();
        Join(Batches.Log(1));

        Next().ShouldBe(["datagrams 1", "look 1", "log 1"]);
    }

    [Fact]
    public void A_spooled_batch_comes_out_as_it_went_in()
    {
        ObservationBatch batch = Batches.Look(1, isFirst: true, count: 3);
        Join(batch);
        _line.Go();

        ObservationBatch same = Read(_line.Take()!).ShouldHaveSingleItem();

        (same.Stream, same.Epoch).ShouldBe((batch.Stream, batch.Epoch));
        same.Snapshot!.IsFirst.ShouldBeTrue();
        same.Snapshot.Scopes.ShouldBe(batch.Snapshot!.Scopes);
        same.Observations.Select(o => (o.Entity, o.State, o.Sequence, o.Node, o.Source)).ShouldBe(batch.Observations.Select(o => (o.Entity, o.State, o.Sequence, o.Node, o.Source)));
    }

    [Fact]
    public void What_was_spooled_under_another_name_of_the_node_keeps_it()
    {
        Join(Batches.Datagrams(1));
        _line.Dispose();
        _line = Open(new BatchFormat("c", "n1.example.org"));
        _line.Go();

        var body = new ArrayBufferWriter<byte>();
        ObservationJson.Write(new ObservationMessage { Cluster = "c", Node = "n1.example.org" }, _line.Take()!.Batches, body);
        ObservationJson.Parse(body.WrittenSpan).Batches[0].Observations[0].Node.ShouldBe("n1");
    }

    [Fact]
    public void Only_a_look_of_this_process_counts_as_one()
    {
        Join(Batches.Look(1, isFirst: true));
        _line.Go();
        _line.Take()!.HasLook.ShouldBeTrue();
        _line.Dispose();

        _line = Open();
        _line.Go();
        Parcel parcel = _line.Take()!;
        parcel.HasLook.ShouldBeFalse("it was taken before the start");
        _line.Confirm(parcel);
        Join(Batches.Look(2));
        _line.Take()!.HasLook.ShouldBeTrue();
    }

    [Fact]
    public void A_record_that_can_t_be_understood_holds_up_nobody_and_is_counted()
    {
        using (var spool = new Spool(_temporary.File("spool"), 1 << 20, TimeProvider.System, NullLogger.Instance))
        {
            spool.TryAppend("{ from another world"u8, 4).ShouldBeTrue();
        }

        _line.Dispose();
        _line = Open();
        Join(Batches.Datagrams(1));
        _line.Go();

        Next().ShouldBe(["datagrams 1"]);
        _line.ReportableLoss!.Count.ShouldBe(4);
    }

    private static IEnumerable<string> Names(Parcel parcel) => Read(parcel).Select(Batches.Name);

    private static IReadOnlyList<ObservationBatch> Read(Parcel parcel)
    {
        var body = new ArrayBufferWriter<byte>();
        ObservationJson.Write(new ObservationMessage { Cluster = "c", Node = "n1" }, parcel.Batches, body);
        return ObservationJson.Parse(body.WrittenSpan).Batches;
    }

    private IEnumerable<string> Next()
    {
        Parcel parcel = _line.Take().ShouldNotBeNull();
        _line.Confirm(parcel);
        return Names(parcel);
    }

    private Task Join(ObservationBatch batch)
    {
        var waiting = new WaitingBatch(batch, _room);
        _line.Join(waiting);
        return waiting.Left;
    }

    private WaitingLine Open(BatchFormat? format = null) => new(new Spool(_temporary.File("spool"), 1 << 20, TimeProvider.System, NullLogger.Instance), format ?? Format);
}
