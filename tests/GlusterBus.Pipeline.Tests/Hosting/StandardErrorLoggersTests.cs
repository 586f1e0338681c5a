using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Pipeline.Tests.Hosting;

public sealed class StandardErrorLoggersTests
{
    [Fact]
    public void People_get_the_level_the_class_and_one_line()
    {
        Written(forJournal: false, LogLevel.Information).ShouldMatch("^\\d\\d:\\d\\d:\\d\\d warn  Tail: it broke\\: IOException: two lines\n$");
    }

    [Fact]
    public void The_journal_gets_a_priority_and_its_own_time()
    {
        Written(forJournal: true, LogLevel.Information).ShouldBe("<4>Tail: it broke: IOException: two lines\n");
    }

    [Fact]
    public void Only_who_debugs_gets_the_stack()
    {
        Written(forJournal: true, LogLevel.Debug).ShouldStartWith("<4>Tail: it broke: System.IO.IOException: two lines    at GlusterBus.");
    }

    private static string Written(bool forJournal, LogLevel least)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var provider = new StandardErrorLoggers(output, forJournal, least, new FakeClock());
        ILogger logger = provider.CreateLogger("GlusterBus.Collectors.LogTail.Tail");
        try
        {
            throw new IOException("two\nlines");
        }
        catch (IOException e)
        {
            logger.Log(LogLevel.Warning, default, "it broke", e, (text, _) => text);
        }

        return output.ToString();
    }
}
