using GlusterBus.Benchmarks;

return args.FirstOrDefault() switch
{
    "router" => await RouterBench.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: GlusterBus.Benchmarks router [FOLDER]");
    return 2;
}
