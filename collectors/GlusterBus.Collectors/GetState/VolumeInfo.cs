using System.Xml.Linq;

namespace GlusterBus.Collectors.GetState;

/// <summary>What <c>gluster volume info --xml</c> tells beyond get-state.</summary>
public sealed record VolumeInfo(IReadOnlyList<VolumeInfoEntry> Volumes)
{
    /// <summary>Pure. Entries without a name are passed over; missing numbers are null.</summary>
    public static VolumeInfo Read(XDocument reply) => new([
        .. from volume in reply.Descendants("volInfo").Elements("volumes").Elements("volume")
           let name = (string?)volume.Element("name")
           where name is not null
           select new VolumeInfoEntry
           {
               Name = name,
               Id = (string?)volume.Element("id") ?? "",
               Status = (string?)volume.Element("statusStr") ?? "",
               Type = (string?)volume.Element("typeStr") ?? "",
               SnapshotCount = XmlText.Number(volume.Element("snapshotCount")),
               BrickCount = XmlText.Number(volume.Element("brickCount")),
               DistributeCount = XmlText.Number(volume.Element("distCount")),
               ReplicaCount = XmlText.Number(volume.Element("replicaCount")),
               ArbiterCount = XmlText.Number(volume.Element("arbiterCount")),
               DisperseCount = XmlText.Number(volume.Element("disperseCount")),
               RedundancyCount = XmlText.Number(volume.Element("redundancyCount")),
               Bricks = [
                   .. from brick in volume.Elements("bricks").Elements("brick")
                      let path = (string?)brick.Element("name")
                      where path is not null
                      select new BrickInfo(path, (string?)brick.Element("hostUuid") ?? "", XmlText.Number(brick.Element("isArbiter")) == 1)],
               Options = volume.Elements("options").Elements("option")
                   .Where(o => o.Element("name") is not null)
                   .GroupBy(o => o.Element("name")!.Value, StringComparer.Ordinal)
                   .ToDictionary(o => o.Key, o => (string?)o.Last().Element("value") ?? "", StringComparer.Ordinal),
           }]);
}

/// <summary>One volume of <see cref="VolumeInfo"/>.</summary>
public sealed record VolumeInfoEntry
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string Status { get; init; }

    public required string Type { get; init; }

    public int? SnapshotCount { get; init; }

    public int? BrickCount { get; init; }

    public int? DistributeCount { get; init; }

    public int? ReplicaCount { get; init; }

    public int? ArbiterCount { get; init; }

    public int? DisperseCount { get; init; }

    public int? RedundancyCount { get; init; }

    public IReadOnlyList<BrickInfo> Bricks { get; init; } = [];

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>A brick's owner and part.</summary>
public sealed record BrickInfo(string HostAndPath, string HostUuid, bool IsArbiter);
