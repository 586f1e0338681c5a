using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Console;
using GlusterBus.Runtime.Text;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Console;

public sealed class ConsoleNotifierTests
{
    [Fact]
    public async Task Text_is_one_line_without_colour_where_there_is_no_terminal() =>
        (await WriteAsync(new ConsoleOptions(), isColoured: false)).ShouldBe(TransitionText.Line(SampleTransitions.Brick()) + "\n");

    [Fact]
    public async Task A_terminal_gets_the_colour_of_the_severity_and_is_reset_at_the_end() =>
        (await WriteAsync(new ConsoleOptions(), isColoured: true)).ShouldBe($"\e[31m{TransitionText.Line(SampleTransitions.Brick())}\e[0m\n");

    [Fact]
    public async Task Json_is_the_cloudevent_in_one_line_never_coloured() =>
        (await WriteAsync(new ConsoleOptions { Format = "json" }, isColoured: true)).ShouldBe(Encoding.UTF8.GetString(TransitionJson.Write(SampleTransitions.Brick())) + "\n");

    private static async Task<string> WriteAsync(ConsoleOptions options, bool isColoured)
    {
        using var output = new MemoryStream();
        Transition transition = SampleTransitions.Brick();
        await new ConsoleNotifier(options, output, isColoured).NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
