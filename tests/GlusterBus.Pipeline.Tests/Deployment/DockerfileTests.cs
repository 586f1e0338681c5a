using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>What can be said of the Dockerfile without Docker, and its commands run outside of it.</summary>
public sealed class DockerfileTests
{
    private static readonly string[][] Instructions =
        [.. Deployed.Read("Dockerfile").Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split(' ', 2))];

    [Fact]
    public void Its_images_have_versions_and_the_last_user_is_not_root()
    {
        foreach (string image in Arguments("FROM").Select(text => text.Split(' ')[0]))
        {
            image.Split(':').Length.ShouldBe(2);
            image.Split(':')[1].ShouldMatch("^[0-9]");
        }

        string user = Arguments("USER").Last();
        user.Split(':')[0].ShouldNotBeOneOf("0", "root");
        ComposeFile.Read().Roles.ShouldAllBe(role => (string)role.Members["user"] == user);
    }

    [Fact]
    public void What_it_starts_is_the_program_and_how_it_is_asked_is_a_verb()
    {
        Words(Arguments("ENTRYPOINT").Single()).ShouldBe(["dotnet", "/app/glusterbus.dll"]);
        string check = Arguments("HEALTHCHECK").Single();
        string[] words = Words(check[(check.IndexOf("CMD ", StringComparison.Ordinal) + 4)..]);
        words[..2].ShouldBe(Words(Arguments("ENTRYPOINT").Single()));
        Deployed.ShouldBeUnderstood(words[2..]).ShouldBe("health");
        Deployed.ShouldBeUnderstood(Words(Arguments("CMD").Single()));
    }

    [Fact]
    public void All_that_the_program_is_built_from_is_sent_to_the_builder()
    {
        string[] sent = [.. File.ReadAllLines(Path.Combine(Deployed.Source, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..])];
        sent.ShouldAllBe(path => Path.Exists(Path.Combine(Deployed.Source, path)));
        foreach (string project in Projects("compose/GlusterBus.Host/GlusterBus.Host.csproj", []))
        {
            sent.ShouldContain(path => project.StartsWith(path + "/", StringComparison.Ordinal), project);
        }

        foreach (string file in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt"])
        {
            sent.ShouldContain(file);
        }
    }

    [Fact]
    public async Task The_command_that_makes_the_folders_makes_what_is_copied()
    {
        using var folder = new TemporaryFolder();
        string command = Arguments("RUN").Single(run => run.Contains("/root-fs", StringComparison.Ordinal));
        (int code, string output) = await Deployed.RunAsync("/bin/sh", ["-ec", command.Replace("/root-fs", folder.Path, StringComparison.Ordinal)]);

        code.ShouldBe(0, output);
        Directory.Exists(folder.File("var/lib/glusterbus")).ShouldBeTrue();
        Arguments("COPY").ShouldContain(copy => copy.EndsWith("/root-fs/ /", StringComparison.Ordinal));
    }

    /// <remarks>Builds the program from what the builder is sent and nothing else.</remarks>
    [Fact]
    public async Task The_command_that_publishes_makes_a_program_that_runs()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") == "1", "publishes the whole program; set GLUSTERBUS_SLOW=1");
        using var folder = new TemporaryFolder();
        string source = Directory.CreateDirectory(folder.File("source")).FullName;
        foreach (string path in File.ReadAllLines(Path.Combine(Deployed.Source, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, path))!);
            (await Deployed.RunAsync("cp", ["-r", Path.Combine(Deployed.Source, path), Path.Combine(source, path)])).Code.ShouldBe(0);
        }

        string command = Arguments("RUN").Single(run => run.Contains("dotnet publish", StringComparison.Ordinal))
            .Replace("/build", folder.File("build"), StringComparison.Ordinal).Replace("/app", folder.File("app"), StringComparison.Ordinal);
        (int code, string output) = await Deployed.RunAsync("/bin/sh", ["-ec", command], source);
        code.ShouldBe(0, output);

        (code, output) = await Deployed.RunAsync("dotnet", [folder.File("app/glusterbus.dll"), "version"]);
        code.ShouldBe(0, output);
        output.ShouldContain("0.1.0");
    }

    private static string[] Arguments(string instruction) => [.. Instructions.Where(i => i[0] == instruction).Select(i => i[1])];

    private static string[] Words(string json) => System.Text.Json.JsonSerializer.Deserialize<string[]>(json)!;

    /// <summary>A project and all that it references, as paths from the root.</summary>
    private static HashSet<string> Projects(string project, HashSet<string> found)
    {
        if (found.Add(project))
        {
            foreach (string reference in System.Xml.Linq.XDocument.Load(Path.Combine(Deployed.Source, project)).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value))
            {
                Projects(Path.GetRelativePath(Deployed.Source, Path.GetFullPath(Path.Combine(Deployed.Source, Path.GetDirectoryName(project)!, reference))), found);
            }
        }

        return found;
    }
}
