using System.CommandLine;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs;

/// <summary>The options by which a client verb finds its instance.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>Stands for whichever role runs on this machine.</summary>
    public const string AnyRole = "any";

    private readonly Option<string?> _socket = new("--socket") { Description = "the instance's Unix socket; by default the configuration's", HelpName = "path" };
    private readonly Option<Uri?> _server = new("--server") { Description = "an instance on TCP, such as http://gl1:8055", HelpName = "url", CustomParser = ParseUrl };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "a file whose first line is the token for --server", HelpName = "file" };

    public Option<string?> Config { get; } = new("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };

    public void AddTo(Command command)
    {
        command.Options.Add(_socket);
        command.Options.Add(_server);
        command.Options.Add(_tokenFile);
        command.Options.Add(Config);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="role">Whose usual socket to take, or <see cref="AnyRole"/>; null for the first that knows the state.</param>
    public InstanceClient Client(ParseResult parsed, string? role = null)
    {
        Uri? server = parsed.GetValue(_server);
        string? token = parsed.GetValue(_tokenFile) is { } file ? File.ReadLines(file).FirstOrDefault("").Trim() : null;
        string socket = server is not null ? "" : parsed.GetValue(_socket) ?? ConfiguredSocket(parsed.GetValue(Config), role);
        return new InstanceClient(new InstanceAddress(socket, server, token));
    }

    /// <summary>Takes only the socket from the configuration: a client need not be able to run what the file configures.</summary>
    private static string ConfiguredSocket(string? config, string? role)
    {
        try
        {
            ConfigurationDocument document = ConfigurationDocument.Load(config ?? LoadedConfiguration.DefaultPath, config is not null, Environment.GetEnvironmentVariables());
            return (string?)document.Root["api"]?["socket"] ?? UsualSocket(role);
        }
        catch (ConfigurationException e) when (config is null && e.InnerException is UnauthorizedAccessException)
        {
            return UsualSocket(role);
        }
        catch (InvalidOperationException e)
        {
            throw new UserException("api.socket in the configuration is no text; see `glusterbus check`", ExitCode.Usage, e);
        }
    }

    /// <summary>Where that role answers; without one, an instance that knows the state: <c>up</c>, or else a router or notifier on this machine.</summary>
    private static string UsualSocket(string? role)
    {
        string up = new ApiOptions().Socket;
        return role switch
        {
            "up" => up,
            AnyRole => RolePaths.UsualSockets.FirstOrDefault(File.Exists) ?? up,
            not null => RolePaths.Socket(role),
            null when File.Exists(up) => up,
            null => RolePaths.WithState.Select(RolePaths.Socket).FirstOrDefault(File.Exists) ?? up,
        };
    }

    private static Uri? ParseUrl(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"--server: '{text}' is no URL such as http://gl1:8055");
        return null;
    }
}
