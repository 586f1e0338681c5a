using StackExchange.Redis;

namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>A command as it goes to the client's library, which finds the node of a cluster by the arguments that are keys.</summary>
internal sealed record RedisCommand(string Name, ICollection<object> Arguments)
{
    /// <summary>A command whose first argument is its key.</summary>
    public static RedisCommand Of(string name, string key, params string[] arguments) => new(name, [(RedisKey)key, .. arguments]);

    /// <summary>A command without a key: any node answers it.</summary>
    public static RedisCommand Keyless(string name, params string[] arguments) => new(name, [.. arguments]);
}

/// <summary>Arguments of a command, in order.</summary>
internal sealed class RedisArguments
{
    private readonly List<object> _values = [];

    public IReadOnlyCollection<object> Values => _values;

    public RedisArguments Add(string argument) => Append(argument);

    public RedisArguments Add(long argument) => Append(argument);

    public RedisArguments Add(byte[] argument) => Append(argument);

    private RedisArguments Append(object argument)
    {
        _values.Add(argument);
        return this;
    }
}
