using System.CommandLine;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus completion</c>: scripts that let a shell complete verbs, options and values.</summary>
internal sealed class CompletionVerb : IVerb
{
    // Both ask the program itself, so that they never lag behind it.
    private const string Bash = """
        _glusterbus() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _glusterbus glusterbus ./glusterbus
        """;

    private const string Zsh = """
        #compdef glusterbus
        _glusterbus() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          [[ -n "${found[1]}" ]] && compadd -- "${found[@]}" || _files
        }
        compdef _glusterbus glusterbus
        """;

    public static Command Build()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new VerbCommand("completion", "Print the completion script of a shell",
            "source <(glusterbus completion bash)",
            "glusterbus completion zsh > ~/.zfunc/_glusterbus")
        { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(parsed.GetValue(shell) == "zsh" ? Zsh : Bash);
            return ExitCode.Success;
        });
        return command;
    }
}
