using System.Xml.Linq;

namespace GlusterBus.Runtime.Gluster;

/// <summary>Runs the <c>gluster</c> command of the node: the only way anything here talks to glusterd.</summary>
public interface IGlusterCli
{
    /// <summary>Runs <c>gluster --mode=script … --xml</c> and returns the reply.</summary>
    /// <exception cref="GlusterReplyException">opRet is not 0 (the exit code is 0 even then), the reply is no XML, the command is missing,
    /// or it did not answer in time; the message says which, with the command.</exception>
    Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken);

    /// <summary>Runs <c>gluster get-state</c>, which is local and takes no cluster lock, and returns the text of its file.</summary>
    /// <exception cref="GlusterReplyException">glusterd did not answer; <see cref="GlusterReplyException.IsDaemonDown"/> tells whether it runs at all.</exception>
    Task<string> GetStateAsync(CancellationToken cancellationToken);
}

/// <summary>glusterd gave no usable answer.</summary>
public sealed class GlusterReplyException(string message, bool isDaemonDown = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the CLI could not reach glusterd: it is not running.</summary>
    public bool IsDaemonDown { get; } = isDaemonDown;

    /// <summary>What the operator can do about it; null where nothing general can be said.</summary>
    public string? Remedy { get; init; }
}
