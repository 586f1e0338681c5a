namespace GlusterBus.Notifiers.Templates;

/// <summary>One thing that is wrong with a template.</summary>
/// <param name="Path">Where in a JSON template, such as <c>attachments[0].color</c>; empty for the whole.</param>
/// <param name="Text">What is wrong and what would be right, in one line.</param>
/// <param name="Line">The line of the template's text, from 1; 0 where only the path tells.</param>
internal sealed record TemplateFault(string Path, string Text, int Line = 1);

/// <summary>A template can't be used. The message has one line for each fault.</summary>
internal sealed class TemplateException(IReadOnlyList<TemplateFault> faults)
    : Exception(string.Join('\n', faults.Select(fault => fault.Path == "" ? fault.Text : $"{fault.Path}: {fault.Text}")))
{
    /// <param name="text">The only fault.</param>
    /// <param name="line">Where, from 1.</param>
    public TemplateException(string text, int line = 1)
        : this([new TemplateFault("", text, line)])
    {
    }

    public IReadOnlyList<TemplateFault> Faults { get; } = faults;
}
