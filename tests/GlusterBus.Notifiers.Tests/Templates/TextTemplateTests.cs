using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Templates;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Templates;

public sealed class TextTemplateTests
{
    private static readonly Transition Rich = SampleTransitions.Brick() with
    {
        Cause = "lab/node/gl2@4",
        Actor = new Actor("gluster volume stop rv", "gl1"),
        Attributes = new Dictionary<string, string> { ["status"] = "down", ["uuid"] = "3dd4e243" },
        Changed = new Dictionary<string, AttributeChange> { ["port"] = new("49152", null) },
        Observers = ["gl1/logs", "gl2/logs"],
        Evidence = [new Evidence("datagram", "1795339000 76 peer=gl2", null, "gl1", default), new Evidence("cli", " <Offline> ", null, "gl2", default)],
    };

    [Theory]
    [InlineData("{id}", "lab/brick/rv/gl2:/srv/rv1@1")]
    [InlineData("{cluster} {kind} {name}", "lab brick rv/gl2:/srv/rv1")]
    [InlineData("{entity}: {previous} → {current} ({change})", "brick/rv/gl2:/srv/rv1: online → offline (offline)")]
    [InlineData("[{occurrence}]", "[]")]
    [InlineData("{severity} {status} {reason}: {reasonText}", "error firing state-changed: a source reported a new state")]
    [InlineData("{cause} {sequence}", "lab/node/gl2@4 1")]
    [InlineData("{summary}.", "Brick gl2:/srv/rv1 of volume rv went offline.")]
    [InlineData("{node}", "gl1")]
    [InlineData("{evidence}", "gl1: 1795339000 76 peer=gl2\ngl2: <Offline>")]
    [InlineData("{evidence:oneline}", "gl1: 1795339000 76 peer=gl2; gl2: <Offline>")]
    [InlineData("{evidence:oneline:slack}", "gl1: 1795339000 76 peer=gl2; gl2: &lt;Offline&gt;")]
    [InlineData("{evidence:10}", "gl1: 1795…")]
    [InlineData("{observers:oneline}", "gl1/logs; gl2/logs")]
    [InlineData("{attributes}", "status: down\nuuid: 3dd4e243")]
    [InlineData("{attributes.uuid}{attributes.none}", "3dd4e243")]
    [InlineData("{changed}", "port: 49152 → (not set)")]
    [InlineData("{actor}", "gl1: gluster volume stop rv")]
    [InlineData("{trusted} {replay}", "true false")]
    [InlineData("{time}", "2026-11-22T09:16:38.618000Z")]
    [InlineData("{recordedAt}", "2026-11-22T09:16:38.638000Z")]
    [InlineData("{time:unix} {time:utc}", "1795338998 2026-11-22 09:16:38 UTC")]
    [InlineData("{time:+7d} {time:-90s:unix} {time:+1h} {time:+5m}", "2026-11-29T09:16:38.618000Z 1795338908 2026-11-22T10:16:38.618000Z 2026-11-22T09:21:38.618000Z")]
    [InlineData("{entity:url}", "brick%2Frv%2Fgl2%3A%2Fsrv%2Frv1")]
    public void A_placeholder_stands_for_its_value(string template, string expected) => TextTemplate.Parse(template).Render(Rich).ShouldBe(expected);

    [Theory]
    [InlineData("{severity|critical=#a30200|error=#d00000|*=#888888}", "#d00000")]
    [InlineData("{severity|critical=#a30200|*=#888888}", "#888888")]
    [InlineData("{severity|critical=#a30200}", "error")]
    [InlineData("{severity|error=}", "")]
    [InlineData("{occurrence|=a state|*=something}", "a state")]
    [InlineData("{cause|=|* = because of {cause}}", "lab/node/gl2@4")]
    [InlineData("{cause|=|*= because of {cause}}", " because of lab/node/gl2@4")]
    [InlineData("{status|firing={severity|error=E {time:unix}|*=?}|*=none}!", "E 1795338998!")]
    [InlineData("{severity|error=a=b}", "a=b")]
    public void Behind_a_bar_stands_what_a_value_becomes(string template, string expected) => TextTemplate.Parse(template).Render(Rich).ShouldBe(expected);

    [Theory]
    [InlineData("{ \"a\": {} }", "{ \"a\": {} }")]
    [InlineData("awk '{print $1}'", null)]
    [InlineData("awk '{{print $1}'", "awk '{print $1}'")]
    [InlineData("{{entity}", "{entity}")]
    [InlineData("}{", "}{")]
    [InlineData("a|b=c", "a|b=c")]
    [InlineData("", "")]
    public void Any_brace_that_begins_no_placeholder_is_text(string template, string? expected)
    {
        if (expected is null)
        {
            Should.Throw<TemplateException>(() => TextTemplate.Parse(template));
            return;
        }

        TextTemplate.Parse(template).Render(Rich).ShouldBe(expected);
    }

    [Theory]
    [InlineData("online", null, "resolved")]
    [InlineData("starting", null, "resolved")]
    [InlineData("offline", null, "firing")]
    [InlineData("unknown", null, "firing")]
    [InlineData("offline", "heal-failed", "event")]
    [InlineData(null, null, "event")]
    public void The_state_says_whether_an_alarm_fires_whatever_the_change_is_worth(string? current, string? occurrence, string expected) =>
        TextTemplate.Parse("{status}").Render(Rich with { Current = current, Occurrence = occurrence, Severity = Severity.Info }).ShouldBe(expected);

    [Fact]
    public void What_a_log_line_says_is_never_read_as_a_template()
    {
        Transition sly = Rich with { Evidence = [new Evidence("log-line", "{cluster} {nothing} |*= {{ }}", null, "gl1", default)] };
        TextTemplate.Parse("{evidence}|{evidence|x={evidence}}").Render(sly).ShouldBe("gl1: {cluster} {nothing} |*= {{ }}|gl1: {cluster} {nothing} |*= {{ }}");
    }

    [Fact]
    public void Control_characters_never_pass_and_no_value_is_without_bound()
    {
        Transition dirty = Rich with
        {
            Attributes = new Dictionary<string, string> { ["a"] = "x\u001b[31m\0y\nz" },
            Evidence = [.. Enumerable.Repeat(new Evidence("cli", new string('e', Evidence.MaximumLength), null, "gl1", default), 100)],
        };
        TextTemplate.Parse("{attributes.a}").Render(dirty).ShouldBe("x [31m y\nz");
        TextTemplate.Parse("{attributes}").Render(dirty).ShouldBe("a: x [31m y z");
        TextTemplate.Parse("{evidence}").Render(dirty).Length.ShouldBe(TemplateValues.MaximumLength);
    }

    [Fact]
    public void A_cut_keeps_characters_whole()
    {
        Transition wide = Rich with { Attributes = new Dictionary<string, string> { ["a"] = "a😀b😀c" } };
        TextTemplate.Parse("{attributes.a:3}|{attributes.a:4}|{attributes.a:7}").Render(wide).ShouldBe("a…|a😀…|a😀b😀c");
    }

    [Fact]
    public void A_time_at_the_end_of_the_calendar_shifts_no_further() =>
        TextTemplate.Parse("{time:+365d}").Render(Rich with { Time = DateTimeOffset.MaxValue }).ShouldBe("9999-12-31T23:59:59.999999Z");

    [Fact]
    public void Values_are_escaped_and_the_templates_own_words_are_not() =>
        TextTemplate.Parse("<{severity|error=<{kind}>}{kind}>").Render(Rich, value => value.ToUpperInvariant()).ShouldBe("<<BRICK>BRICK>");

    [Theory]
    [InlineData("{sumary}", "{sumary} is no placeholder; did you mean 'summary'? known: actor, attributes, attributes.NAME, cause, change, changed, cluster, current, entity, evidence, id, kind, line, name, node, observers, occurrence, previous, reason, reasonText, recordedAt, replay, sequence, severity, status, summary, time, trusted")]
    [InlineData("{attributes.}", "{attributes.} is no placeholder; did you mean 'attributes'? known: ")]
    [InlineData("at {entity", "'{entity' has no closing brace; write {{ for a brace that is text")]
    [InlineData("{severity|error=x", "'{severity|error=x' has no closing brace; write {{ for a brace that is text")]
    [InlineData("{severity|error}", "'{severity|error}': behind a bar comes value=text, or *=text for any other value")]
    [InlineData("{severity|error|*=x}", "'{severity|error|*=x}': behind a bar comes value=text, or *=text for any other value")]
    [InlineData("{time:iso}", "there is no format 'iso' for a time; known: unix, utc, a shift such as +7d, -90s, +5m or +1h")]
    [InlineData("{time:+7y}", "there is no format '+7y' for a time; known: unix, utc, a shift such as +7d, -90s, +5m or +1h")]
    [InlineData("{summary:unix}", "there is no format 'unix' for a text; known: oneline, slack, url, a number of characters such as 300")]
    [InlineData("{summary:0}", "there is no format '0' for a text; known: oneline, slack, url, a number of characters such as 300")]
    [InlineData("{summary:number}", "{summary:number} is no number; only {sequence:number} and a time's :unix:number are")]
    [InlineData("{id|a={id|a={id|a={id|a={id|a={id|a={id|a={id|a={id}}}}}}}}}", "'{id}}}}}}}}}' stands more than 8 placeholders deep")]
    public void A_mistake_is_told_in_one_line_with_what_would_be_right(string template, string message)
    {
        TemplateException e = Should.Throw<TemplateException>(() => TextTemplate.Parse("first\nsecond " + template));
        e.Message.ShouldStartWith(message);
        e.Message.ShouldNotContain("\n");
        e.Faults.ShouldHaveSingleItem().Line.ShouldBe(2);
    }
}
