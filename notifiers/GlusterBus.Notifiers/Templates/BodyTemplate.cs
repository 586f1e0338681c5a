using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Templates;

/// <summary>The body of a request with placeholders: a JSON document, or a text, as the content type says.</summary>
/// <remarks>In JSON only texts have placeholders, and a writer of JSON writes them: whatever a value holds, the document stays valid and
/// keeps its shape. In XML, HTML and forms values are escaped; in any other text they stand as they are.</remarks>
internal sealed class BodyTemplate
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly Action<Utf8JsonWriter, Transition>? _json;
    private readonly TextTemplate? _text;
    private readonly Func<string, string>? _escape;

    private BodyTemplate(JsonNode json)
    {
        var faults = new List<TemplateFault>();
        _json = Compile(json, "", faults);
        if (faults.Count > 0)
        {
            throw new TemplateException(faults);
        }
    }

    private BodyTemplate(string text, string mediaType)
    {
        _text = TextTemplate.Parse(text);
        _escape = mediaType switch
        {
            "application/x-www-form-urlencoded" => Uri.EscapeDataString,
            "text/html" or "text/xml" or "application/xml" => WebUtility.HtmlEncode,
            _ when mediaType.EndsWith("+xml", StringComparison.Ordinal) => WebUtility.HtmlEncode,
            _ => null,
        };
    }

    /// <param name="template">JSON as it shall be, or a text that holds the template.</param>
    /// <param name="contentType">As in the header.</param>
    /// <exception cref="TemplateException">It can't be used.</exception>
    public static BodyTemplate Of(JsonNode template, string contentType)
    {
        string media = contentType.Split(';')[0].Trim().ToLowerInvariant();
        bool isJson = media.EndsWith("/json", StringComparison.Ordinal) || media.EndsWith("+json", StringComparison.Ordinal);
        bool isText = template.GetValueKind() == JsonValueKind.String;
        return (isJson, isText) switch
        {
            (true, false) => new BodyTemplate(template),
            (true, true) => new BodyTemplate(Parsed((string)template!)),
            (false, true) => new BodyTemplate((string)template!, media),
            (false, false) => throw new TemplateException($"{media} takes a text in quotes; JSON would be another content type"),
        };
    }

    /// <summary>Reads a template from a file.</summary>
    /// <exception cref="TemplateException">It can't be used; each fault names the file and the line.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read.</exception>
    public static BodyTemplate Read(string file, string contentType)
    {
        string text = File.ReadAllText(file);
        try
        {
            return Of(JsonValue.Create(text), contentType);
        }
        catch (TemplateException e)
        {
            throw new TemplateException([.. e.Faults.Select(fault => new TemplateFault(
                $"{file}:{(fault.Line > 0 ? fault.Line : JsonLines.Scan(Encoding.UTF8.GetBytes(text)).Of(fault.Path))}",
                fault.Path == "" ? fault.Text : $"{fault.Path}: {fault.Text}"))]);
        }
    }

    public byte[] Render(Transition transition)
    {
        if (_json is null)
        {
            return Encoding.UTF8.GetBytes(_text!.Render(transition, _escape));
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            _json(json, transition);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static Action<Utf8JsonWriter, Transition> Compile(JsonNode? node, string path, List<TemplateFault> faults)
    {
        switch (node)
        {
            case JsonObject section:
                (JsonEncodedText Key, Action<Utf8JsonWriter, Transition> Value)[] members =
                    [.. section.Select(m => (JsonEncodedText.Encode(m.Key, Plain.Encoder), Compile(m.Value, path == "" ? m.Key : $"{path}.{m.Key}", faults)))];
                return (json, transition) =>
                {
                    json.WriteStartObject();
                    foreach ((JsonEncodedText key, Action<Utf8JsonWriter, Transition> value) in members)
                    {
                        json.WritePropertyName(key);
                        value(json, transition);
                    }

                    json.WriteEndObject();
                };
            case JsonArray list:
                Action<Utf8JsonWriter, Transition>[] elements = [.. list.Select((e, i) => Compile(e, $"{path}[{i}]", faults))];
                return (json, transition) =>
                {
                    json.WriteStartArray();
                    Array.ForEach(elements, element => element(json, transition));
                    json.WriteEndArray();
                };
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                return Text((string)text!, path, faults);
            default:
                string fixedValue = node?.ToJsonString() ?? "null";
                return (json, _) => json.WriteRawValue(fixedValue);
        }
    }

    private static Action<Utf8JsonWriter, Transition> Text(string text, string path, List<TemplateFault> faults)
    {
        try
        {
            TextTemplate template = TextTemplate.Parse(text);
            return template.IsNumber
                ? (json, transition) => json.WriteRawValue(template.Render(transition))
                : (json, transition) => json.WriteStringValue(template.Render(transition));
        }
        catch (TemplateException e)
        {
            faults.AddRange(e.Faults.Select(fault => new TemplateFault(path, fault.Text, 0)));
            return (_, _) => { };
        }
    }

    private static JsonNode Parsed(string text)
    {
        try
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            List<(string Path, int Line)> twice = JsonLines.Scan(utf8).Duplicates;
            return twice.Count > 0
                ? throw new TemplateException([.. twice.Select(key => new TemplateFault(key.Path, "this key is there twice; keep one of them", key.Line))])
                : JsonNode.Parse(utf8, null, WithComments) ?? throw new TemplateException("null is no template");
        }
        catch (JsonException e)
        {
            string why = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
            throw new TemplateException($"not JSON: {why} For a template that is no JSON set headers.Content-Type", (int)(e.LineNumber ?? 0) + 1);
        }
    }
}
