using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GlusterBus.Host.Api;

/// <summary>Reads the parameters of a request; each mistake is told by the parameter's name.</summary>
internal static class ApiQuery
{
    private const int DefaultLimit = 1000;
    private const int MaximumLimit = 100_000;
    private const int DefaultBins = 120;
    private const int MaximumBins = 2000;

    /// <exception cref="BadRequestException">There is a parameter that the resource does not know.</exception>
    public static void Allow(HttpRequest request, params ReadOnlySpan<string> names)
    {
        foreach (string name in request.Query.Keys)
        {
            if (!names.Contains(name))
            {
                throw new BadRequestException($"{name}: no such parameter; there are {string.Join(", ", names!)}");
            }
        }
    }

    public static TransitionFilter Filter(HttpRequest request) =>
        Filter(request.Query["channel"].OfType<string>(), request.Query["entity"].OfType<string>(), Single(request, "severity"));

    /// <exception cref="BadRequestException">There is no such channel or severity.</exception>
    public static TransitionFilter Filter(IEnumerable<string> channel, IEnumerable<string> entity, string? severity)
    {
        string[] channels = [.. channel.SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        foreach (string name in channels)
        {
            if (name != "all" && EntityKinds.Named(name) is null)
            {
                throw new BadRequestException($"channel: there is no channel '{name}'; there are all, {string.Join(", ", EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal))}");
            }
        }

        Severity? least = null;
        if (severity is { } text)
        {
            least = Severities.TryParse(text, out Severity parsed)
                ? parsed
                : throw new BadRequestException($"severity: '{text}' is none; there are ok, info, unknown, warning, error, critical");
        }

        return new TransitionFilter
        {
            Channels = channels,
            Entities = [.. entity.Where(v => v.Length > 0)],
            MinimumSeverity = least,
        };
    }

    public static DateTimeOffset? Time(HttpRequest request, string name, TimeProvider clock)
    {
        if (Single(request, name) is not { } text)
        {
            return null;
        }

        // A plus sign that was not escaped arrives as a blank.
        return TimeText.TryParse(text, clock.GetUtcNow(), TimeZoneInfo.Utc, out DateTimeOffset time)
            || TimeText.TryParse(text.Replace(' ', '+'), clock.GetUtcNow(), TimeZoneInfo.Utc, out time)
            ? time
            : throw new BadRequestException($"{name}: '{text}' is no time; write {TimeText.Accepted}");
    }

    /// <summary>The cluster that the request names; null when it names none.</summary>
    public static string? Cluster(HttpRequest request) => Single(request, "cluster") switch
    {
        null => null,
        { } name when ClusterName.IsValid(name) => name,
        { } other => throw new BadRequestException($"cluster: '{other}' can't be the name of a cluster"),
    };

    public static long After(HttpRequest request) => Number(Single(request, "after"), "after", 0, long.MaxValue) ?? 0;

    public static int Limit(HttpRequest request) => (int)(Number(Single(request, "limit"), "limit", 1, MaximumLimit) ?? DefaultLimit);

    /// <summary>Into how many parts a stretch of time is cut.</summary>
    public static int Bins(HttpRequest request) => (int)(Number(Single(request, "bins"), "bins", 1, MaximumBins) ?? DefaultBins);

    public static bool Flag(HttpRequest request, string name) => Single(request, name) switch
    {
        null => false,
        "" or "true" or "1" => true,
        "false" or "0" => false,
        string other => throw new BadRequestException($"{name}: '{other}' is neither true nor false"),
    };

    /// <summary>Where a live stream begins: after the last id the client saw, after the position it names, or, when null, at the present.</summary>
    public static long? Start(HttpRequest request)
    {
        string? last = request.Headers["Last-Event-ID"].FirstOrDefault();
        return Number(last, "Last-Event-ID", 0, long.MaxValue) ?? Number(Single(request, "after"), "after", 0, long.MaxValue);
    }

    private static long? Number(string? text, string name, long least, long most) =>
        text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number
        : throw new BadRequestException($"{name}: '{text}' is no whole number from {least} to {most}");

    private static string? Single(HttpRequest request, string name)
    {
        StringValues values = request.Query[name];
        return values.Count > 1 ? throw new BadRequestException($"{name}: given {values.Count} times; once is enough") : values.FirstOrDefault();
    }
}
