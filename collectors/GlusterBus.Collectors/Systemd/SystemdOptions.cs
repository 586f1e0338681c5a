using System.ComponentModel.DataAnnotations;
using GlusterBus.Runtime.DBus;

namespace GlusterBus.Collectors.Systemd;

/// <summary>Settings of the <c>systemd</c> collector.</summary>
public sealed record SystemdOptions : IValidatableObject
{
    /// <summary>Where systemd is: <c>system</c>, <c>session</c> or an address such as <c>unix:path=/run/other/bus</c>. The default is <c>system</c>.</summary>
    [RegularExpression(BusAddress.Pattern, ErrorMessage = BusAddress.Advice)]
    public string Bus { get; init; } = "system";

    /// <summary>The unit that runs glusterd; it is told as <c>node/NAME</c>. The default is <c>glusterd.service</c>.</summary>
    [Required]
    public string Glusterd { get; init; } = "glusterd.service";

    /// <summary>Further services, such as <c>nfs-ganesha.service</c>; each is told as <c>daemon/NODE/SERVICE</c>. The default is none.</summary>
    [Required]
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Pause between two looks at the units, from 5 seconds to one hour. The default is one minute: what changes is signalled at once, and a look only
    /// finds what no signal tells.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>All units, glusterd's first.</summary>
    internal IEnumerable<string> All => Units.Prepend(Glusterd);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string unit, string member) in Units.Select(unit => (unit, nameof(Units))).Prepend((Glusterd, nameof(Glusterd))))
        {
            if (!UnitName.IsService(unit))
            {
                yield return new ValidationResult($"'{unit}' is no name of a service, such as glusterd.service", [member]);
            }
        }

        if (All.GroupBy(unit => unit, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            yield return new ValidationResult($"{twice.Key} is named twice", [nameof(Units)]);
        }
    }
}
