using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Notifiers.Console;

/// <summary>How transitions are written to standard output.</summary>
public sealed record ConsoleOptions
{
    /// <summary><c>text</c>: a line for people, coloured on a terminal unless <c>NO_COLOR</c> is set. <c>json</c>: the CloudEvent as one
    /// line. The default is <c>text</c>.</summary>
    [RegularExpression("^(text|json)$", ErrorMessage = "format must be text or json")]
    public string Format { get; init; } = "text";
}
