using System.Diagnostics;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Verbs;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>The files in <c>compose/</c> as they are shipped, and the questions that are asked of all of them.</summary>
internal static class Deployed
{
    /// <summary>Where the shipped files are.</summary>
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "compose");

    /// <summary>The root of the source tree: the folder above this one that has the solution.</summary>
    public static readonly string Source = Above(AppContext.BaseDirectory);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>Makes the accounts with the shipped script.</summary>
    /// <returns>The folder with them.</returns>
    public static async Task<string> SecretsAsync(TemporaryFolder folder)
    {
        (int code, string output) = await RunAsync("/bin/sh", [Path.Combine(Folder, "secrets.sh"), folder.File("secrets")]);
        code.ShouldBe(0, output);
        return folder.File("secrets");
    }

    /// <summary>Holds a command line of the program to what the program knows.</summary>
    /// <returns>The verb.</returns>
    public static string ShouldBeUnderstood(IEnumerable<string> arguments)
    {
        System.CommandLine.ParseResult parsed = CommandLine.Build().Parse([.. arguments]);
        parsed.Errors.ShouldBeEmpty();
        return parsed.CommandResult.Command.Name;
    }

    /// <summary>Loads what these variables configure, over a file that says nothing.</summary>
    public static GlusterBusOptions Load(Dictionary<string, string> environment) => LoadAll(environment).Options;

    /// <inheritdoc cref="Load"/>
    public static LoadedConfiguration LoadAll(Dictionary<string, string> environment)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("glusterbus.json");
        File.WriteAllText(file, "{}");
        return LoadedConfiguration.Load(file, environment, PluginFactory.Catalog);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and all that it wrote.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, string? folder = null)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Path.GetTempPath() })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    private static string Above(string folder) =>
        File.Exists(Path.Combine(folder, "GlusterBus.sln")) ? folder : Above(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("these tests run from within the source tree"));
}
