using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Notifiers.Script;

/// <summary>Which program is run for each transition.</summary>
public sealed record ScriptOptions
{
    /// <summary>The program and its arguments, one entry each. No shell takes part: nothing needs quoting.</summary>
    [Required]
    [MinLength(1, ErrorMessage = "command is needed, such as [\"/usr/local/bin/on-change\"]")]
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>How long it may run, 100 ms to 1 hour; then it is killed with all its children. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Exit codes that mean "never again for this transition": it goes to the error queue. The default is 100. Every other code but
    /// 0 is tried again.</summary>
    public IReadOnlyList<int> RejectOn { get; init; } = [100];

    /// <summary>How many may run at once for different entities, 1 to 64. The default is 1: one after the other, in the order of the
    /// record.</summary>
    [Range(1, 64)]
    public int Concurrency { get; init; } = 1;
}
