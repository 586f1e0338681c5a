using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class LogTemplateTests
{
    [Theory]
    [InlineData("Brick {b} left.", "Brick n:/a left.", "b=n:/a")]
    [InlineData("Brick {b} left.", "Brick n:/a left. of left.", null)]
    [InlineData("Brick {b*} left.", "Brick n:/a left. of left.", "b=n:/a left. of")]
    [InlineData("Brick {b} left.", "A Brick n:/a left.", null)]
    [InlineData("Brick {b} left.", "Brick  left.", null)]
    [InlineData("Brick {b} left.", "Brick n:/a left. [No such file or directory]", "b=n:/a")]
    [InlineData("Brick {b} left.", "Brick n:/a left. Really", null)]
    [InlineData("Brick {b} left.{_}", "Brick n:/a left. Really", "b=n:/a")]
    [InlineData("statvfs failed on {path}", "statvfs failed on /a [x]/b [Eingabe-/Ausgabefehler]", "path=/a [x]/b")]
    [InlineData("statvfs failed on {path}", "statvfs failed on ", null)]
    [InlineData("{a} of {b}", "x of y of z", "a=x b=y of z")]
    [InlineData("[{{arg={arg}}}, {{v={v}}}]", "[{arg=/bin/x}, {v=1.2}]", "arg=/bin/x v=1.2")]
    [InlineData("{_}/hooks/{op}/", "/var/lib/hooks/set/", "op=set")]
    [InlineData("plain", "plain", "")]
    public void A_wording_matches_from_start_to_end(string template, string text, string? expected)
    {
        var names = new List<string>();
        var compiled = LogTemplate.Parse(template, names);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var captures = new Range[LogRule.MaximumCaptures];

        bool matches = compiled.TryMatch(bytes, captures);

        string? found = matches ? string.Join(' ', names.Select((name, i) => $"{name}={Encoding.UTF8.GetString(bytes[captures[i]])}")) : null;
        found.ShouldBe(expected);
    }

    [Theory]
    [InlineData("a } b")]
    [InlineData("a {} b")]
    [InlineData("a {b c} d")]
    [InlineData("{a}{b}")]
    [InlineData("{a} {b} {c} {d} {e} {f} {g} {h} {i}")]
    public void A_malformed_wording_is_refused(string template) => Should.Throw<FormatException>(() => LogTemplate.Parse(template, []));
}
