using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class RepeatedMessageTests
{
    [Fact]
    public void A_summary_whose_text_quotes_a_summary_is_cut_at_its_own_end()
    {
        byte[] line = "The message \"I [a.c:1:b] 0-m: say \" repeated 3 times between [x] and [y]\" repeated 12 times between [first] and [last]"u8.ToArray();

        RepeatedMessage.TryRead(line, out ReadOnlySpan<byte> inner, out int count, out ReadOnlySpan<byte> last).ShouldBeTrue();

        Encoding.ASCII.GetString(inner).ShouldBe("I [a.c:1:b] 0-m: say \" repeated 3 times between [x] and [y]");
        count.ShouldBe(12);
        Encoding.ASCII.GetString(last).ShouldBe("last");
    }

    [Theory]
    [InlineData("The message \"x\" repeated 0 times between [a] and [b]")]
    [InlineData("The message \"x\" repeated -1 times between [a] and [b]")]
    [InlineData("The message \"x\" repeated many times between [a] and [b]")]
    [InlineData("The message \"x\" repeated 99999999999 times between [a] and [b]")]
    [InlineData("The message \"x\" repeated 2 times between [a] and b")]
    [InlineData("The message \"x\" repeated 2 times")]
    [InlineData("A message \"x\" repeated 2 times between [a] and [b]")]
    [InlineData("The message \"")]
    public void What_is_no_summary_is_refused(string line) =>
        RepeatedMessage.TryRead(Encoding.ASCII.GetBytes(line), out _, out _, out _).ShouldBeFalse();
}
