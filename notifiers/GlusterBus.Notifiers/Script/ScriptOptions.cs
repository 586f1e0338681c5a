using System.ComponentModel.DataAnnotations;
using GlusterBus.Notifiers.Templates;

namespace GlusterBus.Notifiers.Script;

/// <summary>Which program is run for each transition.</summary>
public sealed record ScriptOptions : IValidatableObject
{
    /// <summary>The program and arguments that are always the same, one entry each. No shell takes part: nothing needs quoting.</summary>
    [Required]
    [MinLength(1, ErrorMessage = "command is needed, such as [\"/usr/local/bin/on-change\"]")]
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Further arguments, with placeholders such as <c>{entity}</c> and <c>{severity|critical=1|*=2}</c>. Each entry is one argument,
    /// whatever the value holds. The default is none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

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

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (int i = 0; i < Arguments.Count; i++)
        {
            ValidationResult? fault = null;
            try
            {
                TextTemplate.Parse(Arguments[i]);
            }
            catch (TemplateException e)
            {
                fault = new ValidationResult(e.Message, [$"{nameof(Arguments)}[{i}]"]);
            }

            if (fault is not null)
            {
                yield return fault;
            }
        }
    }
}
