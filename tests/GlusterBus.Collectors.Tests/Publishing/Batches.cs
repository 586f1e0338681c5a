using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>Batches as the collectors of node <c>n1</c> make them, told apart by a number.</summary>
internal static class Batches
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Of a log file: it can be read again.</summary>
    public static ObservationBatch Log(int number, int count = 1) => Of("log", number, count) with { Epoch = 0, CanBeReadAgain = true };

    /// <summary>Of datagrams: they can't.</summary>
    public static ObservationBatch Datagrams(int number, int count = 1) => Of("datagrams", number, count);

    public static ObservationBatch Look(int number, bool isFirst = false, int count = 1) =>
        Of("look", number, count) with { Snapshot = new Snapshot("n1", ["volume/", "brick/v/n1:/"], isFirst, At, "get_state") };

    /// <summary>Sort and number, such as <c>log 3</c>.</summary>
    public static string Name(ObservationBatch batch) => $"{batch.Stream["n1/".Length..]} {Number(batch)}";

    public static int Number(ObservationBatch batch) => int.Parse(batch.Observations[0].Attributes["number"]!, CultureInfo.InvariantCulture);

    private static ObservationBatch Of(string sort, int number, int count) => new()
    {
        Stream = $"n1/{sort}",
        Epoch = 5,
        Observations =
        [
            .. Enumerable.Range(1, count).Select(i => new Observation
            {
                Entity = EntityId.Brick("v", $"n1:/srv/brick{i}"),
                State = "offline",
                Attributes = new Dictionary<string, string?> { ["number"] = number.ToString(CultureInfo.InvariantCulture) },
                Source = sort,
                Node = "n1",
                ObservedAt = At,
                Sequence = ((long)number * 10_000) + i,
                Evidence = new Evidence("log-line", "[2026-11-24 09:00:00.000000 +0000] I [MSGID: 106005] 0-management: Brick n1:/srv/brick has disconnected from glusterd.", null, "n1", At),
            }),
        ],
    };
}
