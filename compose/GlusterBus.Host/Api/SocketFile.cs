using System.Net.Sockets;
using GlusterBus.Host.Hosting;

namespace GlusterBus.Host.Api;

/// <summary>The file of the Unix socket: its folder, its mode, and what a dead instance left.</summary>
internal static class SocketFile
{
    /// <summary>Makes the folder and removes the file of an instance that no longer answers.</summary>
    /// <exception cref="UserException">An instance answers there, or the folder can't be made.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            }

            if (!File.Exists(path))
            {
                return;
            }

            if (Answers(path))
            {
                throw new UserException($"another instance answers on {path}; stop it, or set another api.socket");
            }

            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"the socket {path} can't be made: {e.Message}", ExitCode.Failure, e);
        }
    }

    /// <summary>Owner and group may talk to it.</summary>
    public static void Restrict(string path) =>
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
