using System.Security.Cryptography;
using System.Text;
using GlusterBus.Router.State.Redis.Connections;
using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis;

/// <summary>A Lua script that Redis runs as one step.</summary>
internal sealed class RedisScript
{
    private readonly string _text;
    private readonly string _hash;

    private RedisScript(string text)
    {
        _text = text;
#pragma warning disable CA5350 // Redis names scripts by SHA-1; nothing is protected by it.
        _hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    /// <summary>A script of the folder <c>Scripts</c>, after the one that all begin with.</summary>
    public static RedisScript Load(string name) => new(Read("table") + Read(name));

    public RedisCommand ByHash(IReadOnlyList<string> keys, RedisArguments arguments) => Command("EVALSHA", _hash, keys, arguments);

    /// <summary>The script in full; the server remembers it from then on.</summary>
    public RedisCommand ByText(IReadOnlyList<string> keys, RedisArguments arguments) => Command("EVAL", _text, keys, arguments);

    private static RedisCommand Command(string verb, string script, IReadOnlyList<string> keys, RedisArguments arguments) =>
        new(verb, [script, keys.Count, .. keys.Select(key => (RedisKey)key), .. arguments.Values]);

    private static string Read(string name)
    {
        string resource = $"{typeof(RedisScript).Namespace}.Scripts.{name}.lua";
        using Stream stream = typeof(RedisScript).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"the script {resource} is missing");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
