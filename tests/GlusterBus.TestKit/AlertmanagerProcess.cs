using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace GlusterBus.TestKit;

/// <summary>A real Alertmanager of the test's own, on a loopback port, which tells a <see cref="WebhookReceiver"/> at once of every alert that fires
/// or resolves. Needs the package prometheus-alertmanager.</summary>
public sealed class AlertmanagerProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private ServerProcess? _process;

    private AlertmanagerProcess()
    {
        Port = FreePorts.Take(1)[0];
    }

    /// <summary>Why none can be started here; null when one can.</summary>
    public static string? Obstacle => File.Exists("/usr/bin/prometheus-alertmanager") ? null : "prometheus-alertmanager is not installed";

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}/");

    /// <param name="told">Gets its notifications.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<AlertmanagerProcess> StartAsync(WebhookReceiver told, CancellationToken cancellationToken)
    {
        var alertmanager = new AlertmanagerProcess();
        try
        {
            // In groups of one, so that no notification waits for another.
            await File.WriteAllTextAsync(alertmanager._folder.File("alertmanager.yml"), $$"""
                route: { receiver: test, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
                receivers: [ { name: test, webhook_configs: [ { url: "{{told.Url}}told", send_resolved: true } ] } ]
                """, cancellationToken);
            await alertmanager.StartServerAsync(cancellationToken);
            return alertmanager;
        }
        catch
        {
            await alertmanager.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its alerts, as its own API tells them.</summary>
    public async Task<JsonArray> AlertsAsync(CancellationToken cancellationToken) =>
        JsonNode.Parse(await _client.GetStringAsync(new Uri(Url, "api/v2/alerts"), cancellationToken))!.AsArray();

    /// <summary>Ends it as a crash does and starts it on the same port. Alerts are in its memory only: it has none then.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _process!.DisposeAsync();
        await StartServerAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _client.Dispose();
        _folder.Dispose();
    }

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        string port = Port.ToString(CultureInfo.InvariantCulture);
        _process = ServerProcess.Start(
            "/usr/bin/prometheus-alertmanager",
            [$"--config.file={_folder.File("alertmanager.yml")}", $"--storage.path={_folder.File("data")}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
            _folder.File("output"));
        while (!await IsReadyAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"Alertmanager ended: {await File.ReadAllTextAsync(_folder.File("output"), cancellationToken)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(Url, "-/ready"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
