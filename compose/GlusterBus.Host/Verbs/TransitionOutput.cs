using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Host.Verbs;

/// <summary>Writes transitions to standard output: the CloudEvent as it is, or a line for people.</summary>
/// <param name="isJson">One JSON object a line.</param>
/// <param name="withDate">True where the lines may be of different days.</param>
internal sealed class TransitionOutput(bool isJson, bool withDate)
{
    private static readonly bool IsColoured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <param name="json">The CloudEvent.</param>
    public void Write(string json) => StandardOutput.WriteLine(isJson ? json : Text(TransitionJson.Parse(Encoding.UTF8.GetBytes(json))));

    private string Text(Transition transition)
    {
        string line = TransitionText.Line(transition);
        line = withDate ? transition.Time.UtcDateTime.ToString("yyyy-MM-dd ", CultureInfo.InvariantCulture) + line : line;
        return IsColoured ? SeverityColour.Paint(line, transition.Severity) : line;
    }
}
