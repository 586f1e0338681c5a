using System.Text.Json.Serialization;
using GlusterBus.Collectors.Checkpoints;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Publishing.Spooling;

/// <summary>What the spool had to drop and has not reported yet.</summary>
/// <param name="Epoch">Of the count: reports are numbered by <paramref name="Total"/> within it, so that one told twice is recognised.</param>
/// <param name="Total">How many observations were dropped since the count began.</param>
/// <param name="Count">How many of them are not reported.</param>
/// <param name="Since">When the oldest of those was spooled.</param>
internal sealed record SpoolLoss(long Epoch, long Total, long Count, DateTimeOffset Since);

/// <summary>Counts what was dropped, on disk, so that no crash makes it forgotten or counted twice.</summary>
internal sealed class SpoolLosses
{
    private readonly CheckpointFile<LossCheckpoint> _file;
    private LossCheckpoint _counted;

    /// <param name="path">The file of the count.</param>
    /// <param name="now">Begins a new count where there is none.</param>
    /// <param name="logger">Hears of damage.</param>
    public SpoolLosses(string path, DateTimeOffset now, ILogger logger)
    {
        _file = new CheckpointFile<LossCheckpoint>(path, LossCheckpoint.CurrentVersion, LossCheckpointJson.Default.LossCheckpoint, logger);
        _counted = _file.Load() ?? new LossCheckpoint { Epoch = now.ToUnixTimeMilliseconds() * 1000 };
    }

    /// <summary>Null when everything dropped is reported.</summary>
    public SpoolLoss? Unreported =>
        _counted.Dropped > _counted.Reported ? new SpoolLoss(_counted.Epoch, _counted.Dropped, _counted.Dropped - _counted.Reported, _counted.Since) : null;

    /// <summary>The index after the last record that was counted: what is still on disk below it was to be deleted.</summary>
    public long Through => _counted.Through;

    /// <summary>Counts observations that are about to be deleted. False when the count can't be kept: then they must stay.</summary>
    public bool TryCount(long observations, DateTimeOffset since, long through)
    {
        LossCheckpoint counted = _counted with
        {
            Dropped = _counted.Dropped + observations,
            Since = Unreported is null ? since : _counted.Since,
            Through = Math.Max(through, _counted.Through),
        };
        if (!_file.Save(counted))
        {
            return false;
        }

        _counted = counted;
        return true;
    }

    /// <summary>A report is safe with the broker. If that can't be written, it is reported again after a restart, under the same number.</summary>
    public void Reported(SpoolLoss loss)
    {
        _counted = _counted with { Reported = loss.Total };
        _file.Save(_counted);
    }
}

/// <summary>What is kept of the count.</summary>
internal sealed record LossCheckpoint : IVersioned
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public long Epoch { get; init; }

    public long Dropped { get; init; }

    public long Reported { get; init; }

    public DateTimeOffset Since { get; init; }

    public long Through { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LossCheckpoint))]
internal sealed partial class LossCheckpointJson : JsonSerializerContext;
