using System.Globalization;

namespace GlusterBus.TestKit;

/// <summary>A real snmptrapd of the test's own, on a loopback port, without any MIB. Needs the packages snmp and snmptrapd.</summary>
public sealed class SnmpTrapProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _process;

    private SnmpTrapProcess()
    {
        // A port that TCP does not use, is hardly used by UDP.
        Port = FreePorts.Take(1)[0];
    }

    /// <summary>Why none can be started here; null when one can.</summary>
    public static string? Obstacle => File.Exists("/usr/sbin/snmptrapd") && File.Exists("/usr/bin/snmptrap") ? null : "snmp or snmptrapd is not installed";

    public int Port { get; }

    /// <summary>Where traps are sent to, as snmptrap takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Waits until it listens.</summary>
    public static async Task<SnmpTrapProcess> StartAsync(CancellationToken cancellationToken)
    {
        var receiver = new SnmpTrapProcess();
        try
        {
            await File.WriteAllTextAsync(receiver._folder.File("snmptrapd.conf"), """
                authCommunity log public
                format2 TRAP %v\n

                """, cancellationToken);
            receiver._process = ServerProcess.Start(
                "/usr/sbin/snmptrapd",
                ["-f", "-Lo", "-On", "-OQ", "-m", "", "-C", "-c", receiver._folder.File("snmptrapd.conf"), "udp:" + receiver.Address],
                receiver._folder.File("output"),
                new Dictionary<string, string> { ["SNMP_PERSISTENT_DIR"] = receiver._folder.File("state"), ["SNMPCONFPATH"] = receiver._folder.Path });
            await receiver.UntilAsync(output => output.Contains("NET-SNMP version", StringComparison.Ordinal), cancellationToken);
            return receiver;
        }
        catch
        {
            await receiver.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for a trap that has all these texts in it, such as <c>.1.3.6.1.4.1.1 = "x"</c>, and returns it: its variables, parted by tabs.</summary>
    public async Task<string> TrapAsync(CancellationToken cancellationToken, params string[] texts)
    {
        string? found = null;
        await UntilAsync(
            output => (found = output.Split('\n').FirstOrDefault(line => line.StartsWith("TRAP ", StringComparison.Ordinal) && texts.All(text => line.Contains(text, StringComparison.Ordinal)))) is not null,
            cancellationToken);
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task UntilAsync(Func<string, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            string output = File.Exists(_folder.File("output")) ? await File.ReadAllTextAsync(_folder.File("output"), cancellationToken) : "";
            if (holds(output))
            {
                return;
            }

            if (_process!.HasExited)
            {
                throw new InvalidOperationException($"snmptrapd ended: {output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
