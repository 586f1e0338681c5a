using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>A stable 64-bit hash (FNV-1a) of what an observation claims, equal in every run and on every machine.</summary>
internal static class Digest
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(Observation observation)
    {
        ulong hash = Add(Add(Offset, observation.State), observation.Occurrence);

        // The order of attributes is the collector's business: a sum does not depend on it.
        ulong attributes = 0;
        foreach ((string name, string? value) in observation.Attributes)
        {
            attributes += Add(Add(Offset, name), value);
        }

        return (hash ^ attributes) * Prime;
    }

    private static ulong Add(ulong hash, string? text)
    {
        foreach (char c in text ?? "\0")
        {
            hash = (hash ^ c) * Prime;
        }

        return (hash ^ '\n') * Prime;
    }
}
