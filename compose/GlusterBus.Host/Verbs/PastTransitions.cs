using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary>Fetches past transitions as the instance reads them, however many there are.</summary>
internal static class PastTransitions
{
    /// <summary>The JSON of each transition, oldest first.</summary>
    /// <param name="query">The request but for how it is answered.</param>
    /// <param name="client">The instance.</param>
    /// <param name="told">Hears how far the reading has come, from 0 to 1; null when nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserException">The instance does not answer, or could not read to the end.</exception>
    public static async IAsyncEnumerable<string> AllAsync(
        UrlQuery query, InstanceClient client, Action<double>? told, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        query.Add("all", "true");
        query.Add("progress", told is null ? null : "true");
        await foreach (string line in client.LinesAsync(query.ToString(), null, cancellationToken))
        {
            if (line.StartsWith(HistoryStream.ProgressLine, StringComparison.Ordinal))
            {
                told?.Invoke(double.Parse(line.AsSpan(HistoryStream.ProgressLine.Length).TrimEnd('}'), CultureInfo.InvariantCulture));
            }
            else if (line.StartsWith(HistoryStream.ErrorLine, StringComparison.Ordinal))
            {
                using JsonDocument error = JsonDocument.Parse(line);
                throw new UserException("the past could not be read to the end: " + error.RootElement.GetProperty("error").GetString(), ExitCode.Failure);
            }
            else
            {
                yield return line;
            }
        }
    }
}
