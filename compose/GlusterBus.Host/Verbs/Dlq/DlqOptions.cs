using System.CommandLine;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary>Arguments and options that several of the subcommands have.</summary>
internal sealed class DlqOptions
{
    public Option<string?> Config { get; } = new("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };

    public Argument<string> Name { get; } = new("name") { Description = "a notifier, router for what routers could not read, or a queue's name on the broker" };

    public Option<string?> Id { get; } = new("--id") { Description = "only the transition of this id, as show tells it", HelpName = "id" };

    public Option<bool> All { get; } = new("--all") { Description = "everything that rests there now" };

    /// <summary>Makes a command say what is meant: one message, or all of them.</summary>
    public void RequireChoice(Command command) => command.Validators.Add(result =>
    {
        if ((result.GetValue(Id) is not null) == result.GetValue(All))
        {
            result.AddError("give either --id ID for one or --all");
        }
    });
}
