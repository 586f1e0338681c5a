using System.Runtime.InteropServices;
using System.Text;

namespace GlusterBus.Host.Hosting;

/// <summary>Nobody reads standard output any more, as after <c>| head</c>: a reason to end, none to complain.</summary>
internal sealed class OutputAbandonedException : IOException;

/// <summary>Standard output, line by line.</summary>
internal static partial class StandardOutput
{
    private const short Error = 0x8;

    private static readonly Stream Output = Console.OpenStandardOutput();

    /// <summary>Writes a line at once and whole.</summary>
    /// <exception cref="OutputAbandonedException">The reader has gone. The console's stream swallows that, and <c>watch | head</c> would never end.</exception>
    public static void WriteLine(string line)
    {
        Output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        Output.Flush();
        if (IsAbandoned)
        {
            throw new OutputAbandonedException();
        }
    }

    private static bool IsAbandoned
    {
        get
        {
            var asked = new PollDescriptor { Descriptor = 1 };
            return Poll(ref asked, 1, 0) > 0 && (asked.Returned & Error) != 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Returned;
    }
}
