using System.Text.Json.Nodes;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Receivers;

/// <summary>What the documentation has examples for: something that keeps Slack's rules, a real Alertmanager and a real snmptrapd.</summary>
internal sealed class Receivers : IAsyncDisposable
{
    private const string Oid = ".1.3.6.1.4.1.8072.9999.9999.71.";

    private readonly WebhookReceiver _slack;
    private readonly WebhookReceiver _told;
    private readonly AlertmanagerProcess _alertmanager;
    private readonly SnmpTrapProcess _traps;

    private Receivers(WebhookReceiver slack, WebhookReceiver told, AlertmanagerProcess alertmanager, SnmpTrapProcess traps) =>
        (_slack, _told, _alertmanager, _traps) = (slack, told, alertmanager, traps);

    public static string? Obstacle => AlertmanagerProcess.Obstacle ?? SnmpTrapProcess.Obstacle;

    /// <summary>The members of <c>notifiers</c> that lead to them.</summary>
    public string Notifiers => string.Join(", ", DocumentedNotifier.Slack(_slack.Url), DocumentedNotifier.Alertmanager(_alertmanager.Url), DocumentedNotifier.Snmp(_traps.Address));

    public static async Task<Receivers> StartAsync(CancellationToken cancellationToken)
    {
        WebhookReceiver slack = await WebhookReceiver.StartAsync();
        slack.Answer = (request, _) => Task.FromResult(SlackRules.Refusal(request.Headers["Content-Type"], request.Text) is { } refusal ? new ScriptedAnswer(400) { Body = refusal } : ScriptedAnswer.Ok);
        WebhookReceiver told = await WebhookReceiver.StartAsync();
        return new Receivers(slack, told, await AlertmanagerProcess.StartAsync(told, cancellationToken), await SnmpTrapProcess.StartAsync(cancellationToken));
    }

    /// <summary>Waits until each has heard that the quorum is lost.</summary>
    public async Task HearOfTheLossAsync(string cluster, CancellationToken cancellationToken)
    {
        JsonNode message = await MessageAsync($":rotating_light: *{cluster}*: Server quorum of volume gv0 is lost", cancellationToken);
        ((string?)message["attachments"]![0]!["color"]).ShouldBe("#a30200");
        ((string?)message["attachments"]![0]!["text"])!.ShouldContain("Server quorum lost for volume gv0. Stopping local bricks.");

        JsonNode alert = await AlertAsync("firing", cancellationToken);
        alert["labels"]!.AsObject().ToDictionary(label => label.Key, label => (string?)label.Value).ShouldBe(
            new Dictionary<string, string?> { ["alertname"] = "GlusterBus", ["cluster"] = cluster, ["kind"] = "quorum", ["entity"] = "quorum/gv0" }, ignoreOrder: true);
        ((string?)alert["annotations"]!["severity"], (string?)alert["annotations"]!["state"]).ShouldBe(("critical", "lost"));
        JsonNode known = (await _alertmanager.AlertsAsync(cancellationToken)).Single(a => (string?)a!["labels"]!["entity"] == "quorum/gv0")!;
        ((string?)known["status"]!["state"]).ShouldBe("active");
        ((DateTimeOffset)known["endsAt"]! - (DateTimeOffset)known["startsAt"]!).ShouldBe(TimeSpan.FromDays(365), "nobody repeats it, so it must not end by itself");

        string trap = await _traps.TrapAsync(cancellationToken, $"{Oid}0.1", $"{Oid}1.3 = \"quorum/gv0\"");
        trap.ShouldContain($"{Oid}1.1 = \"{cluster}/quorum/gv0@1\"");
        trap.ShouldContain($"{Oid}1.2 = \"{cluster}\"");
        trap.ShouldContain($"{Oid}1.4 = 5");
        trap.ShouldContain($"{Oid}1.5 = \"lost\"");
        trap.ShouldContain($"{Oid}1.6 = \"Server quorum of volume gv0 is lost\"");
    }

    /// <summary>Lets Alertmanager lose its alerts, and looks which it has after something was done about it.</summary>
    public async Task<IReadOnlyList<string?>> ForgottenAsync(Func<Task> remedy, CancellationToken cancellationToken)
    {
        await _alertmanager.RestartAsync(cancellationToken);
        (await _alertmanager.AlertsAsync(cancellationToken)).ShouldBeEmpty();
        await remedy();
        return [.. (await _alertmanager.AlertsAsync(cancellationToken)).Select(alert => (string?)alert!["labels"]!["entity"])];
    }

    /// <summary>Waits until each has heard that it is over.</summary>
    public async Task HearOfTheRecoveryAsync(string cluster, CancellationToken cancellationToken)
    {
        JsonNode message = await MessageAsync($":white_check_mark: *{cluster}*: Server quorum of volume gv0 is met", cancellationToken);
        ((string?)message["attachments"]![0]!["color"]).ShouldBe("#2eb886");

        JsonNode alert = await AlertAsync("resolved", cancellationToken);
        ((string?)alert["labels"]!["entity"], (string?)alert["annotations"]!["state"]).ShouldBe(("quorum/gv0", "met"));
        (await _alertmanager.AlertsAsync(cancellationToken)).ShouldNotContain(a => (string?)a!["labels"]!["entity"] == "quorum/gv0");

        (await _traps.TrapAsync(cancellationToken, $"{Oid}0.2", $"{Oid}1.3 = \"quorum/gv0\"")).ShouldContain($"{Oid}1.4 = 0");
    }

    public async ValueTask DisposeAsync()
    {
        await _traps.DisposeAsync();
        await _alertmanager.DisposeAsync();
        await _told.DisposeAsync();
        await _slack.DisposeAsync();
    }

    /// <summary>The next message of that text; what tells of the collector itself comes, too.</summary>
    private async Task<JsonNode> MessageAsync(string text, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReceivedRequest request = await _slack.NextAsync(cancellationToken);
            SlackRules.Refusal(request.Headers["Content-Type"], request.Text).ShouldBeNull(request.Text);
            JsonNode message = JsonNode.Parse(request.Text)!;
            if ((string?)message["text"] == text)
            {
                return message;
            }
        }
    }

    /// <summary>The next of Alertmanager's own notifications about the quorum that has this status.</summary>
    private async Task<JsonNode> AlertAsync(string status, CancellationToken cancellationToken)
    {
        while (true)
        {
            JsonNode told = JsonNode.Parse((await _told.NextAsync(cancellationToken)).Text)!;
            if (told["alerts"]!.AsArray().FirstOrDefault(a => (string?)a!["labels"]!["entity"] == "quorum/gv0" && (string?)a["status"] == status) is { } alert)
            {
                return alert;
            }
        }
    }
}
