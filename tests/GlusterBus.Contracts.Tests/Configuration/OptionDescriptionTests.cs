using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Contracts.Tests.Configuration;

public sealed class OptionDescriptionTests
{
    [Fact]
    public void Options_are_described_with_type_default_bounds_and_summary()
    {
        IReadOnlyList<OptionDescription> options = OptionDescription.Of(typeof(SampleLogOptions), new XmlSummaries());

        options[0].ShouldBe(new OptionDescription("directory", "text", "\"/var/log/glusterfs\"", "required", "Where the logs are."));
        options[1].ShouldBe(new OptionDescription("interval", "duration", "\"00:00:30\"", "00:00:01 to 01:00:00", null));
        options[3].ShouldBe(new OptionDescription("files", "list of text", "[]", null, null));
        OptionDescription.Of(typeof(SampleHookOptions), new XmlSummaries())[0].ShouldBe(new OptionDescription("url", "URL", null, "required", null));
    }
}
