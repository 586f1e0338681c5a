namespace GlusterBus.Router.State.Redis.Connections;

/// <summary>The server answered with an error, or what it did can be named in the same way.</summary>
/// <param name="code">The error's first word, as in <c>WRONGPASS</c>; or one of the constants.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">What the library said of it.</param>
internal sealed class RedisRefusedException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public const string Encryption = "encryption";

    public const string Protocol = "protocol";

    public const string Lost = "lost";

    public string Code => code;
}
