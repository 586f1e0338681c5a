using System.ComponentModel.DataAnnotations;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Templates;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>What is posted of a delivery: the CloudEvent, the classic JSON, or what a template makes of it.</summary>
internal sealed class WebhookBody
{
    private readonly WebhookOptions _options;
    private readonly Lazy<BodyTemplate?> _template;

    public WebhookBody(WebhookOptions options)
    {
        _options = options;
        ContentType = TypeOf(options);

        // Read at first use, and again until it could be read: a file that is missing is this notifier's trouble, not the process's.
        _template = new Lazy<BodyTemplate?>(() => Template(options), LazyThreadSafetyMode.PublicationOnly);
    }

    public string ContentType { get; }

    /// <summary>The body; null when there is nothing to tell.</summary>
    /// <exception cref="DeliveryFailedException">The template can't be read at present.</exception>
    public ReadOnlyMemory<byte>? Of(Delivery delivery)
    {
        if (_options.Payload == "classic")
        {
            // Not in one expression: null would become an empty body.
            byte[]? classic = ClassicPayload.Of(delivery.Transition, _options.NodeId);
            return classic is null ? default(ReadOnlyMemory<byte>?) : classic;
        }

        try
        {
            return _template.Value is { } template ? template.Render(delivery.Transition) : delivery.Json;
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new DeliveryFailedException(FailureKind.Other, Trouble(_options, e), inner: e);
        }
    }

    /// <summary>What is wrong with the template's file; null when nothing is.</summary>
    public CheckResult? Check(string subject)
    {
        try
        {
            _ = _template.Value;
            return null;
        }
        catch (Exception e) when (IsUnusable(e))
        {
            return new CheckResult(subject, Trouble(_options, e), "make the file of templateFile readable for glusterbus, or correct templateFile");
        }
    }

    /// <summary>What is wrong with the options of the body. A file that can't be read is not: the configuration of one node may be the
    /// configuration of all, and only those that notify have the file.</summary>
    public static IEnumerable<ValidationResult> Faults(WebhookOptions options)
    {
        string member = options.Template is null ? nameof(options.TemplateFile) : nameof(options.Template);
        if (options.Template is not null && options.TemplateFile is not null)
        {
            return [new ValidationResult("give template or templateFile, not both", [member])];
        }

        if (options.Payload != "cloudevent" && (options.Template is not null || options.TemplateFile is not null))
        {
            return [new ValidationResult("a template replaces the payload: leave payload out, or the template", [member])];
        }

        try
        {
            Template(options);
            return [];
        }
        catch (TemplateException e) when (options.Template is not null)
        {
            return e.Faults.Select(fault => new ValidationResult(fault.Text, [fault.Path is "" or ['[', ..] ? member + fault.Path : $"{member}.{fault.Path}"]));
        }
        catch (TemplateException e)
        {
            return e.Faults.Select(fault => new ValidationResult($"{fault.Path}: {fault.Text}", [member]));
        }
        catch (Exception e) when (IsUnusable(e))
        {
            return [];
        }
    }

    private static BodyTemplate? Template(WebhookOptions options) => options switch
    {
        { Template: { } template } => BodyTemplate.Of(template, TypeOf(options)),
        { TemplateFile: { } file } => BodyTemplate.Read(file, TypeOf(options)),
        _ => null,
    };

    private static string TypeOf(WebhookOptions options) =>
        options.Headers.FirstOrDefault(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value
        ?? (options is { Payload: "cloudevent", Template: null, TemplateFile: null } ? TransitionJson.ContentType : "application/json");

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or TemplateException;

    private static string Trouble(WebhookOptions options, Exception e) => e is TemplateException ? $"templateFile: {e.Message}" : $"templateFile {options.TemplateFile} can't be read: {e.Message}";
}
