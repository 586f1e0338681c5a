using GlusterBus.Benchmarks;

return args.FirstOrDefault() switch
{
    "tail" => await TailBench.RunAsync(args[1..]),
    "rules" => LogRulesBench.Run(args[1..]),
    "datagrams" => await DatagramBench.RunAsync(args[1..]),
    "router" => await RouterBench.RunAsync(args[1..]),
    "redis" => await RedisBench.RunAsync(args[1..]),
    "webhook" => await WebhookBench.RunAsync(args[1..]),
    "kafka" => await KafkaBench.RunAsync(args[1..]),
    "dbus" => await DBusBench.RunAsync(args[1..]),
    "publish" => await PublishBench.RunAsync(args[1..]),
    "wire" => WireBench.Run(),
    "distributed" => await DistributedBench.RunAsync(args[1..]),
    "load" => await DistributedLoad.RunAsync(args[1..]),
    "latency" => await LatencyBench.RunAsync(args[1..]),
    "scale" => await ScaleBench.RunAsync(args[1..]),
    "peer" => await PeerBench.RunAsync(args[1..]),
    "stream" => await StreamBench.RunAsync(args[1..]),
    "footprint" => await FootprintBench.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: GlusterBus.Benchmarks WHAT
          tail [LOGS…]      log tailing beside GNU grep
          rules LOGS…       the log rules alone
          datagrams         bursts into the gf_event collector
          router [FOLDER]   decision and commit
          redis [HOST:PORT] commits to the state table in Redis, and loading it
          webhook [COUNT]   deliveries to one fast receiver
          kafka [COUNT]     the archive in Kafka beside the bare client, on librdkafka's mock
          dbus [V [B]]      V volumes with B bricks each shown on a private bus
          publish [S]       a collector's sink on a broker, beside the bare client
          wire              the JSON between collectors and routers
          distributed [S]   broker, router and Redis end to end, beside the broker and Redis alone
          latency [S]       a datagram on a node to a consumer of its channel, through the built program's roles
          scale [N [B]]     N nodes with B bricks each: rebuild, memory, and the cost of nothing happening
          stream [N [S]]    N listeners to the stream for S seconds, and some that take nothing
          peer [SYSTEM]     the whole program beside glustereventsd (root)
          footprint [FILE…] memory and processor of an idle collector beside glustereventsd, on a real cluster (root)
        """);
    return 2;
}
