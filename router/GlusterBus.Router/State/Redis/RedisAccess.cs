namespace GlusterBus.Router.State.Redis;

/// <summary>What each role needs of Redis and nothing more, as lines for an ACL file or <c>ACL SETUSER</c> (Redis 6.2 or newer; 6.0 does not know
/// <c>resetchannels</c>). <c>PASSWORD</c> stands for the password.</summary>
public static class RedisAccess
{
    /// <summary>The routers' account: it runs the scripts of the state table and what these call.</summary>
    public const string Router =
        "user glusterbus-router on >PASSWORD ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +eval +evalsha +time +hget +hmget +hset +hdel +hlen +hscan "
        + "+xadd +xlen +xrange +xrevrange +xtrim +sadd +smembers +unlink +ping +info +select +asking +client|setname";

    /// <summary>For who only reads the state and the history, as <c>notify</c> does.</summary>
    public const string Reader =
        "user glusterbus-reader on >PASSWORD ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +hget +hscan +xrange +xrevrange +smembers +ping +info +select +asking +client|setname";
}
