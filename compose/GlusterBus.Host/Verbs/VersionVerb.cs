using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus version</c>.</summary>
internal sealed class VersionVerb : IVerb
{
    /// <summary>The program's version, without the revision.</summary>
    public static string Number => Full.Split('+')[0];

    private static string Full => typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static Command Build()
    {
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new VerbCommand("version", "Show the version", "glusterbus version --json") { json };
        command.SetAction(parsed =>
        {
            string? revision = Full.Split('+') is [_, var sha] ? sha[..Math.Min(12, sha.Length)] : null;
            Console.Out.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["version"] = Number, ["revision"] = revision, ["runtime"] = RuntimeInformation.FrameworkDescription, ["platform"] = RuntimeInformation.RuntimeIdentifier }.ToJsonString()
                : $"glusterbus {Number}{(revision is null ? "" : $" ({revision})")}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
            return ExitCode.Success;
        });
        return command;
    }
}
