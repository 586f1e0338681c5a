namespace GlusterBus.Host.Hosting;

/// <summary>What the process ends with.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>It was tried and failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The verb needs a running instance and none answers.</summary>
    public const int NoInstance = 3;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}

/// <summary>An end that the user can do something about: one line on standard error, no stack trace.</summary>
public sealed class UserException(string message, int exitCode = ExitCode.Failure, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
