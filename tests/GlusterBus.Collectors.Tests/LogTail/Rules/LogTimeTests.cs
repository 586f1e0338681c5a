using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class LogTimeTests
{
    [Theory]
    [InlineData("2026-11-22 09:16:38.618917 +0000", "2026-11-22T09:16:38.6189170Z")]
    [InlineData("2026-11-22 09:16:38.618917", "2026-11-22T09:16:38.6189170Z")]
    [InlineData("2026-11-22 09:16:38.618917 -0330", "2026-11-22T12:46:38.6189170Z")]
    [InlineData("2026-11-22 09:36:01.75461", "2026-11-22T09:36:01.0754610Z")]
    [InlineData("2026-11-22 09:16:38", "2026-11-22T09:16:38.0000000Z")]
    [InlineData("2016-12-31 23:59:60.000001 +0000", "2017-01-01T00:00:00.0000010Z")]
    [InlineData("2024-02-29 00:00:00.000000 +0000", "2024-02-29T00:00:00.0000000Z")]
    public void A_stamp_is_read_to_the_microsecond(string text, string expected)
    {
        LogTime.TryRead(Encoding.ASCII.GetBytes(text), out DateTimeOffset time).ShouldBeTrue();
        time.UtcDateTime.ToString("O").ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-22")]
    [InlineData("2026-02-30 09:16:38.618917 +0000")]
    [InlineData("2026-13-01 09:16:38.618917 +0000")]
    [InlineData("0000-01-01 09:16:38.618917 +0000")]
    [InlineData("2026-11-22 24:16:38.618917 +0000")]
    [InlineData("2026-11-22 09:61:38.618917 +0000")]
    [InlineData("2026-11-22 09:16:3a.618917 +0000")]
    [InlineData("2026-11-22 09:16:38.618917 +9900")]
    [InlineData("2026-11-22 09:16:38.618917 UTC")]
    [InlineData("0001-01-01 00:00:00.000000 +1400")]
    public void What_is_no_stamp_is_refused(string text) => LogTime.TryRead(Encoding.ASCII.GetBytes(text), out _).ShouldBeFalse();
}
