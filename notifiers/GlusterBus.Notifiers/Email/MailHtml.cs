using System.Globalization;
using System.Net;
using System.Text;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Notifiers.Email;

/// <summary>The body for mail programs that show HTML: nothing is fetched, styles stand at the elements (many programs drop all others), and every text is
/// encoded.</summary>
internal static class MailHtml
{
    public static string Body(Digest digest)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>")
            .Append(Encode(MailText.Subject(digest)))
            .Append("</title></head>\n<body style=\"margin:0;padding:16px;background:#f3f4f6;color:#1f2328;font:15px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif\">\n");
        foreach (MailSection section in digest.Items.Select(MailText.Section))
        {
            Append(html, section);
        }

        if (MailText.Suppressed(digest) is { } suppressed)
        {
            html.Append("<p style=\"max-width:720px;margin:0 auto 16px\"><strong>").Append(Encode(suppressed)).Append(".</strong> All of it: ")
                .Append(Code(MailText.HistoryCommand(digest))).Append("</p>\n");
        }

        return html.Append("<p style=\"max-width:720px;margin:0 auto;color:#6b7280;font-size:12px\">GlusterBus</p>\n</body></html>\n").ToString();
    }

    private static void Append(StringBuilder html, MailSection section)
    {
        string colour = Colour(section.Severity);
        html.Append(CultureInfo.InvariantCulture, $"<div style=\"max-width:720px;margin:0 auto 16px;background:#ffffff;border:1px solid #d8dce2;border-left:6px solid {colour};border-radius:6px;padding:14px 18px\">\n")
            .Append(CultureInfo.InvariantCulture, $"<div style=\"font-size:17px;font-weight:600;overflow-wrap:anywhere\"><span style=\"color:#ffffff;background:{colour};border-radius:4px;padding:1px 8px;font-size:13px\">{section.Severity.Name()}</span> ")
            .Append(Encode(section.Headline)).Append("</div>\n<table role=\"presentation\" style=\"border-collapse:collapse;margin-top:10px;font-size:14px\">\n");
        foreach ((string label, string value) in section.Facts)
        {
            html.Append("<tr><td style=\"padding:1px 16px 1px 0;color:#6b7280;vertical-align:top;white-space:nowrap\">").Append(Encode(label))
                .Append("</td><td style=\"padding:1px 0;overflow-wrap:anywhere;word-break:break-word\">").Append(Encode(value)).Append("</td></tr>\n");
        }

        html.Append("</table>\n");
        if (section.Evidence.Count > 0)
        {
            html.Append(Heading("Evidence"));
            foreach (string evidence in section.Evidence)
            {
                html.Append("<pre style=\"margin:0 0 6px;padding:8px 10px;background:#f6f8fa;border-radius:4px;font-size:12px;white-space:pre-wrap;overflow-wrap:anywhere\">").Append(Encode(evidence)).Append("</pre>\n");
            }
        }

        if (section.Look.Count > 0)
        {
            html.Append(Heading("What to look at")).Append("<ul style=\"margin:0;padding-left:20px\">\n");
            foreach (string line in section.Look)
            {
                html.Append("<li>").Append(Code(line)).Append("</li>\n");
            }

            html.Append("</ul>\n");
        }

        html.Append("</div>\n");
    }

    private static string Heading(string text) => $"<div style=\"margin:12px 0 4px;font-weight:600;font-size:13px;color:#6b7280\">{text}</div>\n";

    private static string Code(string text) => $"<code style=\"font-size:13px;overflow-wrap:anywhere\">{Encode(text)}</code>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Colour(Severity severity) => severity switch
    {
        Severity.Ok => "#1a7f37",
        Severity.Info => "#0969da",
        Severity.Warning => "#9a6700",
        Severity.Error => "#cf222e",
        Severity.Critical => "#82071e",
        _ => "#8250df",
    };
}
