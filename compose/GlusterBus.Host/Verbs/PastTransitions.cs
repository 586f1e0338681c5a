using System.Globalization;
using System.Runtime.CompilerServices;
using GlusterBus.Host.Api;

namespace GlusterBus.Host.Verbs;

/// <summary>Fetches past transitions page by page, however many there are.</summary>
internal static class PastTransitions
{
    private const int Page = 5000;

    /// <summary>The JSON of each transition, oldest first.</summary>
    /// <param name="query">Makes the request without position and limit.</param>
    /// <param name="client">The instance.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<string> AllAsync(Func<UrlQuery> query, InstanceClient client, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        int found;
        do
        {
            UrlQuery page = query();
            page.Add("after", after.ToString(CultureInfo.InvariantCulture));
            page.Add("limit", Page.ToString(CultureInfo.InvariantCulture));
            found = 0;
            await foreach (string json in client.LinesAsync(page.ToString(), position => after = position, cancellationToken))
            {
                found++;
                yield return json;
            }
        }
        while (found == Page);
    }
}
