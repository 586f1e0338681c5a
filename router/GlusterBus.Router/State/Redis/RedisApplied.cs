using System.Globalization;
using System.Text;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State.Redis;

/// <summary>How far a stream was applied, as it lies in Redis: epoch, sequence and when (seconds since 1970), between blanks.</summary>
internal static class RedisApplied
{
    public static string Write(AppliedSequence applied, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{applied.Epoch} {applied.Sequence} {at.ToUnixTimeSeconds()}");

    /// <exception cref="StateTableUnreachableException">It is something else.</exception>
    public static (AppliedSequence Applied, DateTimeOffset At) Read(byte[] value)
    {
        string[] words = Encoding.UTF8.GetString(value).Split(' ');
        return words.Length == 3 && long.TryParse(words[0], CultureInfo.InvariantCulture, out long epoch) && long.TryParse(words[1], CultureInfo.InvariantCulture, out long sequence)
            && long.TryParse(words[2], CultureInfo.InvariantCulture, out long at)
            ? (new AppliedSequence(epoch, sequence), DateTimeOffset.FromUnixTimeSeconds(at))
            : throw new StateTableUnreachableException("the state table holds a place in a stream that this version can't read");
    }
}
