using System.Buffers;

namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>A command ready to be sent.</summary>
internal sealed class RespCommand
{
    private readonly byte[] _bytes;

    /// <param name="name">The command's name and its first arguments.</param>
    /// <param name="rest">Further arguments.</param>
    public RespCommand(RespArguments name, RespArguments? rest = null)
    {
        var header = new ArrayBufferWriter<byte>(16);
        RespArguments.WriteHeader(header, (byte)'*', name.Count + (rest?.Count ?? 0));
        _bytes = [.. header.WrittenSpan, .. name.Encoded, .. rest is null ? [] : rest.Encoded];
    }

    public ReadOnlyMemory<byte> Bytes => _bytes;

    public static RespCommand Of(params ReadOnlySpan<string> words)
    {
        var arguments = new RespArguments();
        foreach (string word in words)
        {
            arguments.Add(word);
        }

        return new RespCommand(arguments);
    }
}
