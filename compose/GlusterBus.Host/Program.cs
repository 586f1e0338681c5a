using GlusterBus.Host.Verbs;

return await CommandLine.RunAsync(args);
