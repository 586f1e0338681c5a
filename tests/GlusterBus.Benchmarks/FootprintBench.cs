using System.Diagnostics;
using System.Globalization;
using GlusterBus.TestKit;

namespace GlusterBus.Benchmarks;

/// <summary>What an idle collector takes from a node of storage, beside glustereventsd, on the nodes of one real three-node cluster with a replicated volume.
/// Needs root.</summary>
internal static class FootprintBench
{
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(60);

    /// <param name="args">Programs to measure, each a path of <c>glusterbus.dll</c> or of the program for Gluster nodes, at most two; by default the one beside this program. Then, with
    /// <c>--settle S</c>, how long to wait before.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if ((LabCluster.Obstacle() ?? RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is { } obstacle)
        {
            Console.Error.WriteLine(obstacle);
            return 1;
        }

        int settle = Array.IndexOf(args, "--settle");
        TimeSpan settling = settle < 0 ? Settling : TimeSpan.FromSeconds(double.Parse(args[settle + 1], CultureInfo.InvariantCulture));
        string own = Path.Combine(AppContext.BaseDirectory, "glusterbus.dll");
        string[] programs = [.. (settle < 0 ? args : args[..settle]).Select(Path.GetFullPath).DefaultIfEmpty(own).Take(2)];
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
        await using RedisProcess redis = await RedisProcess.StartAsync(CancellationToken.None);
        await using LabCluster lab = await LabCluster.StartAsync(3, CancellationToken.None);
        await using TcpProxy toBroker = TcpProxy.Start(broker.Port, await lab.PlugInAsync(CancellationToken.None));
        using var folder = new TemporaryFolder();
        using Process route = Process.Start("dotnet", [own, "route", "--quiet", "--config", Configuration(folder, "router", $"127.0.0.1:{broker.Port}", redis)]);
        await lab.GlusterAsync(1, $"volume create gv0 replica 3 {string.Join(' ', Enumerable.Range(1, 3).Select(i => $"{lab.Node(i)}:/srv/b"))} force", CancellationToken.None);
        await lab.GlusterAsync(1, "volume start gv0", CancellationToken.None);

        List<(string What, Process Started, Func<string[], bool> IsOne)> measured = [];
        for (int i = 0; i < programs.Length; i++)
        {
            string file = Configuration(folder, lab.Node(i + 1), $"{toBroker.Address}:{toBroker.Port}", redis);
            string[] command = BuiltProgram.Command(programs[i], ["collect", "--quiet", "--config", file]);
            measured.Add(($"collect, {Path.GetFileName(Path.GetDirectoryName(programs[i]))}", lab.StartOn(i + 1, command), words => words[0].EndsWith(command[0], StringComparison.Ordinal)));
        }

        Process events = lab.StartOn(3, "/usr/sbin/glustereventsd");
        measured.Add(("glustereventsd", events, command => command[0].Contains("python", StringComparison.Ordinal)));

        await Task.Delay(settling, TimeProvider.System);
        ProcessUsage[] before = [.. measured.Select(m => ProcessUsage.Of(m.Started.Id, m.IsOne))];
        long began = Stopwatch.GetTimestamp();
        await Task.Delay(Measuring, TimeProvider.System);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine($"{"what",-36}{"processes",11}{"RSS MB",9}{"own MB",9}{"PSS MB",9}{"CPU %",9}{"with commands %",17}");
        foreach ((int i, (string what, Process started, Func<string[], bool> isOne)) in measured.Index())
        {
            ProcessUsage after = ProcessUsage.Of(started.Id, isOne);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what,-36}{after.Processes,11}{after.Resident / 1e6,9:F1}{after.Anonymous / 1e6,9:F1}{after.Proportional / 1e6,9:F1}{(after.Own - before[i].Own) / seconds * 100,9:F2}{(after.WithChildren - before[i].WithChildren) / seconds * 100,17:F2}"));
            started.Kill(entireProcessTree: true);
            await started.WaitForExitAsync();
            started.Dispose();
        }

        route.Kill(entireProcessTree: true);
        await route.WaitForExitAsync();
        return 0;
    }

    private static string Configuration(TemporaryFolder folder, string node, string broker, RedisProcess redis)
    {
        string own = Directory.CreateDirectory(folder.File(node)).FullName;
        string file = Path.Combine(own, "glusterbus.json");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "cluster": "lab", "node": "{{node}}", "dataDirectory": "{{own}}/data", "api": { "socket": "{{own}}/api.sock" },
              "rabbitMq": { "hosts": ["{{broker}}"], "partitions": 1 }, "redis": { "hosts": ["127.0.0.1:{{redis.Port}}"] }
            }
            """));
        return file;
    }
}
