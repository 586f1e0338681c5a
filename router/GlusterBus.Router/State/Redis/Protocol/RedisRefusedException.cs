namespace GlusterBus.Router.State.Redis.Protocol;

/// <summary>The server answered with an error.</summary>
/// <param name="code">The error's first word, as in <c>WRONGPASS</c>.</param>
/// <param name="message">The error.</param>
internal sealed class RedisRefusedException(string code, string message) : Exception(message)
{
    public string Code => code;
}
