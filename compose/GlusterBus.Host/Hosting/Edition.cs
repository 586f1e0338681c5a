using System.Diagnostics.CodeAnalysis;

namespace GlusterBus.Host.Hosting;

/// <summary>What this build of the program has in it (ADR 0019).</summary>
internal static class Edition
{
    /// <summary>True in the program for Gluster nodes, which is compiled ahead of time and has only what a node needs: collectors, and the verbs to run,
    /// test and try them. The compiler takes this for a constant there, and leaves out what is behind it.</summary>
    [FeatureSwitchDefinition("GlusterBus.CollectsOnly")]
    public static bool CollectsOnly => AppContext.TryGetSwitch("GlusterBus.CollectsOnly", out bool collectsOnly) && collectsOnly;
}
