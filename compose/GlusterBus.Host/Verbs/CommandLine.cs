using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using System.Runtime.InteropServices;
using GlusterBus.Host.Hosting;
using GlusterBus.Host.Verbs.Check;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs;

/// <summary>Parses the command line, runs the verb, and turns every end into an exit code and at most a few lines on standard error.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var root = new RootCommand("GlusterBus tells what changes in a GlusterFS cluster: once per fact, in order, with its evidence.");
        foreach (Command verb in Verbs().OrderBy(v => v.Name, StringComparer.Ordinal))
        {
            root.Subcommands.Add(verb);
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = Build();
        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0 && parsed.Action is not (HelpWithExamples or { ClearsParseErrors: true }))
        {
            string verb = string.Concat(Path(parsed.CommandResult).Select(name => name + " "));
            string problem = Line(Problem(parsed));
            return Fail(ExitCode.Usage, $"{problem}{(problem.EndsWith('?') ? " See" : "; see")} `glusterbus {verb}--help`");
        }

        using var signals = new StopSignals();
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            int code = await parsed.InvokeAsync(configuration, signals.Token);
            return signals.Received == PosixSignal.SIGINT && code == ExitCode.Success && parsed.CommandResult.Command.Name is not ("up" or "demo" or "collect" or "route" or "notify") ? ExitCode.Interrupted : code;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return signals.Received is PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Success;
        }
        catch (OutputAbandonedException)
        {
            return ExitCode.Success;
        }
        catch (UserException e)
        {
            return Fail(e.ExitCode, Line(e.Message));
        }
        catch (ConfigurationException e)
        {
            // One line for each problem: each names its own file, line and path.
            return Fail(ExitCode.Usage, e.Message.Replace("\n", "\nglusterbus: ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(ExitCode.Failure, Line(e.Message));
        }
    }

    /// <summary>A word that nobody knows is told before what is missing because of it.</summary>
    private static string Problem(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var unknown, ..])
        {
            return parsed.Errors[0].Message;
        }

        Command command = parsed.CommandResult.Command;
        bool isOption = unknown.StartsWith('-');
        IEnumerable<string> known = isOption ? command.Options.Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
        string meant = Spelling.Meant(unknown, known).TrimEnd();
        string what = isOption ? "option" : command is RootCommand ? "verb" : "argument";
        return $"there is no {what} '{unknown}'{(Edition.CollectsOnly && what == "verb" ? " in the program for Gluster nodes" : "")}{(meant.Length > 0 ? "; " + meant : "")}";
    }

    /// <summary>The verb, and below it the subcommand.</summary>
    private static IEnumerable<string> Path(CommandResult result) =>
        result.Command is RootCommand ? [] : [.. result.Parent is CommandResult parent ? Path(parent) : [], result.Command.Name];

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine("glusterbus: " + message);
        return code;
    }

    private static string Line(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>Those of a Gluster node are named one by one, so that the compiler sees which code they need.</summary>
    private static IEnumerable<Command> Verbs() => Edition.CollectsOnly
        ? [CheckVerb.Build(), CollectVerb.Build(), CompletionVerb.Build(), EmitVerb.Build(), HealthVerb.Build(), PluginsVerb.Build(), VersionVerb.Build()]
        : typeof(IVerb).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IVerb))).Select(Verb);

    private static Command Verb(Type type) => (Command)type.GetMethod(nameof(IVerb.Build), BindingFlags.Public | BindingFlags.Static, [])!.Invoke(null, null)!;

    /// <summary>The usual help, then the verb's examples.</summary>
    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is VerbCommand { Examples.Count: > 0 } verb)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string example in verb.Examples)
                {
                    output.WriteLine("  " + example);
                }
            }

            return code;
        }
    }
}
