using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class LogGateTests
{
    private readonly LogGate _gate = new([106004, 113075], ["run.c", "glusterd-utils.c"]);

    [Theory]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106004] [a.c:1:b] 0-m: x", true)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [a.c:1:b] 0-m: x", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 10600] [a.c:1:b] 0-m: x", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 1060041] [a.c:1:b] 0-m: x", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID:113075] [a.c:1:b] 0-m: x", true)]
    [InlineData("[2018-11-22 09:16:38.618917] I [MSGID: 106004] [a.c:1:b] 0-m: x", true)]
    [InlineData("[2018-11-22 09:16:38.618917] I [MSGID: 106044] [a.c:1:b] 0-m: x", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [run.c:259:runner_log] (-->/lib/x) 0-m: x", true)]
    [InlineData("[2018-11-22 09:16:38.618917] I [run.c:259:runner_log] (-->/lib/x) 0-m: x", true)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [runner.c:259:runner_log] 0-m: x", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [glusterd-utils.c:1:f] 0-m: x", true)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [glusterd-locks.c:1:f] 0-m: x", false)]
    [InlineData("The message \"I [MSGID: 106004] [a.c:1:b] 0-m: x\" repeated 2 times between [a] and [b]", true)]
    [InlineData("The message \"I [MSGID: 106005] [a.c:1:b] 0-m: x\" repeated 2 times between [a] and [b]", false)]
    [InlineData("The message \"I [run.c:1:b] 0-m: a longer text\" repeated 2 times between [a] and [b]", true)]
    [InlineData("", false)]
    [InlineData("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 1060", false)]
    [InlineData("  3:     option transport.socket.bind-address 127.1.1.1 and then some", false)]
    public void Only_lines_that_some_rule_may_want_pass(string line, bool expected) => _gate.IsWanted(Encoding.UTF8.GetBytes(line)).ShouldBe(expected);

    [Fact]
    public void Of_all_six_digit_ids_exactly_the_wanted_ones_pass()
    {
        byte[] line = "[2026-11-22 09:16:38.618917 +0000] I [MSGID: 000000] [a.c:1:b] 0-m: x"u8.ToArray();
        var passed = new List<int>();
        for (int id = 100_000; id <= 999_999; id++)
        {
            id.TryFormat(line.AsSpan(45), out _);
            if (_gate.IsWanted(line))
            {
                passed.Add(id);
            }
        }

        passed.ShouldBe([106004, 113075]);
    }

    [Fact]
    public void A_gate_of_many_ids_finds_a_table_without_collisions()
    {
        var gate = new LogGate(Enumerable.Range(0, 400).Select(i => 100_000 + (i * 37)), []);

        gate.IsWanted("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 100037] [a.c:1:b] 0-m: x"u8).ShouldBeTrue();
        gate.IsWanted("[2026-11-22 09:16:38.618917 +0000] I [MSGID: 100038] [a.c:1:b] 0-m: x"u8).ShouldBeFalse();
    }
}
