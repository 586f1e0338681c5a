using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Composition;

/// <summary>How banners name what runs.</summary>
internal static class RoleText
{
    public static string Names(IReadOnlyList<ConfiguredPlugin> plugins) =>
        plugins.Count == 0 ? "none" : string.Join(", ", plugins.Select(p => p.Name == p.Plugin.Spec.Name ? p.Name : $"{p.Name} ({p.Plugin.Spec.Name})"));

    public static string Broker(RabbitMqOptions broker) => $"{string.Join(", ", broker.Hosts)}, virtual host {broker.VirtualHost}{(broker.Tls.Enabled ? ", encrypted" : "")}";

    public static string Redis(RedisOptions redis) =>
        $"{string.Join(", ", redis.Hosts)}{(redis.SentinelMaster is { } master ? $", Sentinels of {master}" : "")}{(redis.Tls.Enabled ? ", encrypted" : "")}";
}
