namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>A command as it goes to the client's library.</summary>
internal sealed record RedisCommand(string Name, IReadOnlyCollection<object> Arguments)
{
    public static RedisCommand Of(string name, params string[] arguments) => new(name, arguments);
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
