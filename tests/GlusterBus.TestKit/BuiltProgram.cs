namespace GlusterBus.TestKit;

/// <summary>The built program's command lines.</summary>
public static class BuiltProgram
{
    /// <summary>The whole program, beside the program that asks. Where <c>GLUSTERBUS_TEST_COLLECTOR</c> names the program for Gluster nodes, <c>collect</c> is run
    /// by that: every test of a collector then tries it.</summary>
    /// <param name="arguments">The verb, and what follows it.</param>
    public static string[] Command(params IReadOnlyList<string> arguments) => arguments is ["collect", ..] && Environment.GetEnvironmentVariable("GLUSTERBUS_TEST_COLLECTOR") is { Length: > 0 } collector
        ? [collector, .. arguments]
        : Command(Path.Combine(AppContext.BaseDirectory, "glusterbus.dll"), arguments);

    /// <summary>That program.</summary>
    /// <param name="program">An executable, or an assembly that the runtime starts.</param>
    /// <param name="arguments">The verb, and what follows it.</param>
    public static string[] Command(string program, IReadOnlyList<string> arguments) => program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program, .. arguments] : [program, .. arguments];
}
