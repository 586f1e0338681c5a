using System.Globalization;
using GlusterBus.Host.Api;

namespace GlusterBus.Pipeline.Tests.Api;

public sealed class TimeTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

    [Theory]
    [InlineData("now", "2026-11-22T09:30:00Z")]
    [InlineData("2026-11-22T09:16:00Z", "2026-11-22T09:16:00Z")]
    [InlineData("2026-11-22T09:16:00.123456Z", "2026-11-22T09:16:00.123456Z")]
    [InlineData("2026-11-22T09:16:00+05:30", "2026-11-22T03:46:00Z")]
    [InlineData("2026-11-22T09:16", "2026-11-22T07:16:00Z")]
    [InlineData("2026-11-22 09:16:05", "2026-11-22T07:16:05Z")]
    [InlineData("2026-11-22", "2026-11-21T22:00:00Z")]
    [InlineData("11:00", "2026-11-22T09:00:00Z")]
    [InlineData("9:05", "2026-11-22T07:05:00Z")]
    [InlineData("11:29:59", "2026-11-22T09:29:59Z")]
    [InlineData("11:29:59.125", "2026-11-22T09:29:59.125Z")]
    [InlineData("12:00", "2026-11-21T10:00:00Z")]
    [InlineData("today", "2026-11-21T22:00:00Z")]
    [InlineData("yesterday 03:00", "2026-11-21T01:00:00Z")]
    [InlineData("yesterday", "2026-11-20T22:00:00Z")]
    [InlineData("90s", "2026-11-22T09:28:30Z")]
    [InlineData("-2h", "2026-11-22T07:30:00Z")]
    [InlineData("2h ago", "2026-11-22T07:30:00Z")]
    [InlineData("1h30m", "2026-11-22T08:00:00Z")]
    [InlineData("1.5h", "2026-11-22T08:00:00Z")]
    [InlineData("7d", "2026-11-15T09:30:00Z")]
    public void Times_are_read_as_people_write_them(string text, string expected)
    {
        TimeText.TryParse(text, Now, Zone, out DateTimeOffset time).ShouldBeTrue();
        time.ShouldBe(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("12")]
    [InlineData("25:00")]
    [InlineData("5 parsecs")]
    [InlineData("tomorrow")]
    [InlineData("yesterday noon")]
    [InlineData("2026-13-01")]
    [InlineData("99999999999999999d")]
    public void What_is_no_time_is_refused(string text)
    {
        TimeText.TryParse(text, Now, Zone, out _).ShouldBeFalse();
    }
}
