using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Collectors.Publishing.Spooling;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.Publishing;

public sealed class SpoolTests : IDisposable
{
    private const int Megabyte = 1 << 20;

    private readonly TemporaryFolder _temporary = new();
    private readonly FakeClock _clock = new();
    private readonly RecordingLogger _logger = new();

    private string Folder => _temporary.File("spool");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_was_kept_is_there_in_order_after_a_restart_until_it_is_confirmed()
    {
        using (Spool spool = Open())
        {
            foreach (string text in (string[])["a", "b", "c"])
            {
                spool.TryAppend(Bytes(text), 1).ShouldBeTrue();
            }

            spool.Confirm([.. spool.Unconfirmed().Take(1)]);
        }

        using (Spool spool = Open())
        {
            Texts(spool).ShouldBe(["b", "c"]);
            spool.TryAppend(Bytes("d"), 1).ShouldBeTrue();
            spool.Confirm([.. spool.Unconfirmed()]);
            (spool.IsEmpty, spool.Bytes).ShouldBe((true, 0));
        }

        Directory.GetFiles(Folder).ShouldBeEmpty();
        using Spool last = Open();
        last.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void At_the_bound_the_oldest_give_way_and_are_counted_with_the_time_they_were_spooled()
    {
        DateTimeOffset began = _clock.GetUtcNow();
        byte[] payload = new byte[10_000];
        using (Spool spool = Open(Megabyte))
        {
            for (int i = 0; i < 200; i++)
            {
                spool.TryAppend(payload, observations: 3).ShouldBeTrue();
                spool.Bytes.ShouldBeLessThanOrEqualTo(Megabyte);
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        // As after kill -9: the count must not be forgotten.
        using Spool reopened = Open(Megabyte);
        SpoolLoss loss = reopened.Loss.ShouldNotBeNull();
        loss.Count.ShouldBe((200 - (reopened.Tail - reopened.Head)) * 3);
        loss.Count.ShouldBeInRange(90 * 3, 110 * 3, "about half fits");
        loss.Since.ShouldBe(began);
        Directory.GetFiles(Folder, "*.spool").Sum(file => new FileInfo(file).Length).ShouldBe(reopened.Bytes);
        _logger.Lines.Count(line => line.Level == LogLevel.Error).ShouldBe(1, "one line tells of the whole streak");

        reopened.Reported(loss);
        reopened.Loss.ShouldBeNull();
        using Spool again = Open(Megabyte);
        again.Loss.ShouldBeNull();
    }

    [Fact]
    public void What_is_under_way_to_the_broker_is_not_dropped()
    {
        using Spool spool = Open(Megabyte);
        byte[] payload = new byte[60_000];
        while (spool.Bytes + payload.Length + 100 < Megabyte)
        {
            spool.TryAppend(payload, 1);
        }

        spool.UnderWay = spool.Head + 1;
        spool.TryAppend(payload, 1).ShouldBeFalse();
        spool.Loss.ShouldBeNull();

        spool.UnderWay = 0;
        spool.TryAppend(payload, 1).ShouldBeTrue();
        spool.Loss!.Count.ShouldBe(1);
    }

    [Fact]
    public void A_batch_larger_than_the_whole_spool_is_refused_with_the_key_to_change()
    {
        using Spool spool = Open(Megabyte);
        spool.TryAppend(new byte[Megabyte], 7).ShouldBeFalse();
        _logger.Lines.ShouldHaveSingleItem().Text.ShouldContain("raise spool.maximumMegabytes");
    }

    [Fact]
    public void A_folder_that_can_t_be_written_is_told_once_and_again_when_it_is_mended()
    {
        File.WriteAllText(Folder, "in the way");
        using Spool spool = Open();
        spool.TryAppend(Bytes("a"), 1).ShouldBeFalse();
        spool.TryAppend(Bytes("a"), 1).ShouldBeFalse();
        _logger.Lines.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);

        File.Delete(Folder);
        spool.TryAppend(Bytes("a"), 1).ShouldBeTrue();
        _logger.Lines[^1].Level.ShouldBe(LogLevel.Information);
        Texts(spool).ShouldBe(["a"]);
    }

    [Fact]
    public void A_disk_that_is_full_loses_nothing_of_what_was_kept_before()
    {
        // A file of this device can be opened and never be written to.
        using Spool spool = Open();
        spool.TryAppend(Bytes("kept"), 1).ShouldBeTrue();
        string file = Directory.GetFiles(Folder, "*.spool").Single();
        string copy = File.ReadAllText(file);
        using Spool full = new(_temporary.File("full"), Megabyte, _clock, _logger);
        Directory.CreateDirectory(_temporary.File("full"));
        File.CreateSymbolicLink(SpoolSegment.PathOf(_temporary.File("full"), 0), "/dev/full");

        full.TryAppend(Bytes("lost?"), 1).ShouldBeFalse();

        _logger.Lines.ShouldHaveSingleItem().Text.ShouldContain("can't take observations");
        File.ReadAllText(file).ShouldBe(copy);
    }

    [Fact]
    public void A_segment_that_was_counted_as_dropped_is_not_counted_twice_when_its_deletion_failed()
    {
        byte[] payload = new byte[10_000];
        string kept = _temporary.File("kept");
        SpoolLoss loss;
        using (Spool spool = Open(Megabyte))
        {
            spool.TryAppend(payload, 1);
            string first = Directory.GetFiles(Folder, "*.spool").Single();
            while (spool.Loss is null)
            {
                File.Copy(first, kept, overwrite: true);
                spool.TryAppend(payload, 1);
            }

            loss = spool.Loss;
            File.Move(kept, first);
        }

        using Spool reopened = Open(Megabyte);
        reopened.Loss.ShouldBe(loss);
        reopened.Head.ShouldBe(loss.Count, "the one before is gone");
    }

    [Fact]
    public void Random_lives_with_crashes_at_any_byte_keep_what_was_kept_in_order_and_count_what_was_dropped()
    {
        Prop.ForAll(
            Arb.From(Gen.Choose(0, int.MaxValue - 1).ArrayOf()),
            steps =>
            {
                using var life = new Life();
                foreach (int step in steps)
                {
                    life.Do(step);
                }

                string? verdict = life.Verdict();
                return (verdict is null).Label($"{string.Join(' ', steps)}: {verdict}");
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(150).WithReplay(20261124, 1));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static IEnumerable<string> Texts(Spool spool) => spool.Unconfirmed().Select(record => Encoding.UTF8.GetString(record.Payload.Span));

    private Spool Open(long maximumBytes = 8 * Megabyte) => new(Folder, maximumBytes, _clock, _logger);

    /// <summary>A spool, and beside it the plain list that it must equal.</summary>
    private sealed class Life : IDisposable
    {
        /// <summary>Small, so that much is dropped.</summary>
        private const int Bound = 300_000;

        private readonly TemporaryFolder _temporary = new();
        private readonly FakeClock _clock = new();
        private readonly Queue<(int Number, int Observations)> _kept = new();
        private Spool _spool;
        private long _dropped;
        private int _number;
        private string? _failure;

        public Life() => _spool = Open();

        private string Folder => _temporary.File("spool");

        public void Do(int step)
        {
            int size = step / 16;
            switch (step % 16)
            {
                case < 9:
                    Append(size);
                    break;
                case < 12:
                    Drain(size % 40);
                    break;
                case 12:
                    Crash();
                    break;
                case 13:
                    CrashInTheMidstOfAnAppend(size);
                    break;
                case 14 when _spool.Loss is { } loss:
                    _spool.Reported(loss);
                    _dropped = 0;
                    break;
                default:
                    _clock.Advance(TimeSpan.FromMinutes(1));
                    break;
            }

            Compare();
        }

        public string? Verdict()
        {
            Crash();
            Drain(int.MaxValue);
            Compare();
            bool isClean = _kept.Count == 0 && Directory.GetFiles(_temporary.Path, "*.spool", SearchOption.AllDirectories).Length == 0;
            return _failure ?? (isClean ? null : "something is left");
        }

        public void Dispose()
        {
            _spool.Dispose();
            _temporary.Dispose();
        }

        private static byte[] Payload(int number, int size)
        {
            byte[] payload = new byte[8 + (size % 30_000)];
            BitConverter.TryWriteBytes(payload, number);
            new Random(number).NextBytes(payload.AsSpan(8));
            return payload;
        }

        private Spool Open() => new(Folder, Bound, _clock, NullLogger.Instance);

        private void Append(int size)
        {
            int observations = 1 + (size % 7);
            _spool.TryAppend(Payload(++_number, size), observations).ShouldBeTrue();
            _kept.Enqueue((_number, observations));
        }

        private void Drain(int most)
        {
            SpoolRecord[] records = [.. _spool.Unconfirmed().Take(most)];
            foreach (SpoolRecord record in records)
            {
                Forget();
                (int number, int observations) = _kept.Dequeue();
                if (BitConverter.ToInt32(record.Payload.Span) != number || record.Observations != observations
                    || !record.Payload.Span.SequenceEqual(Payload(number, record.Payload.Length - 8)))
                {
                    _failure ??= $"record {BitConverter.ToInt32(record.Payload.Span)} came in the place of {number}";
                }
            }

            _spool.Confirm(records);
        }

        /// <summary>What is dropped goes in order from the oldest on: the model learns how many from the spool and checks their count.</summary>
        private void Forget()
        {
            while (_kept.Count > _spool.Tail - _spool.Head)
            {
                _dropped += _kept.Dequeue().Observations;
            }
        }

        private void Crash()
        {
            _spool.Dispose();
            _spool = Open();
        }

        private void CrashInTheMidstOfAnAppend(int size)
        {
            byte[] payload = Payload(_number + 1, size);
            byte[] record = new byte[SpoolRecord.HeaderLength + payload.Length];
            SpoolRecord.Write(record, _spool.Tail, payload, 1);
            _spool.Dispose();
            if (Directory.Exists(Folder) && Directory.GetFiles(Folder, "*.spool").Order(StringComparer.Ordinal).LastOrDefault() is { } last)
            {
                using FileStream file = new(last, FileMode.Append);
                file.Write(record.AsSpan(0, size % record.Length));
            }
            else
            {
                // Or in the midst of making a file.
                Directory.CreateDirectory(Folder);
                File.WriteAllBytes(SpoolSegment.PathOf(Folder, _spool.Tail), new byte[size % SpoolSegment.HeaderLength]);
            }

            _spool = Open();
        }

        private void Compare()
        {
            Forget();
            if (_kept.Count != _spool.Tail - _spool.Head)
            {
                _failure ??= $"{_spool.Tail - _spool.Head} records are kept instead of {_kept.Count}";
            }

            if ((_spool.Loss?.Count ?? 0) != _dropped)
            {
                _failure ??= $"{_spool.Loss?.Count ?? 0} are counted as dropped instead of {_dropped}";
            }

            if (_spool.Bytes > Bound)
            {
                _failure ??= $"it takes {_spool.Bytes} bytes";
            }
        }
    }
}
