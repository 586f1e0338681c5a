namespace GlusterBus.Router.State.Redis;

/// <summary>What each role needs of Redis and nothing more, as lines for an ACL file or <c>ACL SETUSER</c> (Redis 6.2 or newer; 6.0 does not know
/// <c>resetchannels</c>). <c>PASSWORD</c> stands for the password.</summary>
public static class RedisAccess
{
    /// <summary>Nobody comes in without an account where the roles have users of their own.</summary>
    public const string Default = "user default reset off";

    /// <summary>The routers' account: it runs the scripts of the state table and what these call.</summary>
    public const string Router =
        "user glusterbus-router on >PASSWORD ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +eval +evalsha +time +hget +hmget +hset +hdel +hlen +hscan "
        + "+xadd +xlen +xrange +xrevrange +xtrim +sadd +smembers +unlink +ping +info +select +cluster|nodes +client|setname +client|id";

    /// <summary>For who only reads the state and the history, as <c>notify</c> does.</summary>
    public const string Reader =
        "user glusterbus-reader on >PASSWORD ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +hget +hscan +xrange +xrevrange +smembers +ping +select +cluster|nodes +client|setname +client|id";
}
