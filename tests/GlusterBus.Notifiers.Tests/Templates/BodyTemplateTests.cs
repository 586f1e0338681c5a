using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Templates;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Templates;

public sealed class BodyTemplateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_text_of_a_JSON_template_is_filled_in_and_the_rest_stays() =>
        Render("""{ "a{kind}": ["{kind}", { "b": "is {current}" }], "n": 1.50, "t": true, "z": null, "e": {} }""")
            .ShouldBe("""{"a{kind}":["brick",{"b":"is offline"}],"n":1.50,"t":true,"z":null,"e":{}}""");

    [Fact]
    public void A_number_is_written_as_one_where_the_template_says_so() =>
        Render("""["{sequence:number}", "{time:unix:number}", "{sequence}", "at {time:unix:number}", "{sequence:number|1=one}"]""")
            .ShouldBe("""[1,1795338998,"1","at 1795338998","one"]""");

    [Fact]
    public void Whatever_a_value_holds_the_document_keeps_its_shape()
    {
        // One law for all texts: what goes in comes out of the parsed document, and nothing beside it.
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null && IsWhole(text)), text =>
        {
            Transition t = SampleTransitions.Brick() with { Attributes = new Dictionary<string, string> { ["a"] = text } };
            byte[] body = BodyTemplate.Of(JsonNode.Parse("""{ "x": "{attributes.a}", "y": "{attributes.a|z=y}" }""")!, "application/json").Render(t);
            JsonObject parsed = JsonNode.Parse(body)!.AsObject();
            parsed.Select(member => member.Key).ShouldBe(["x", "y"]);
            ((string?)parsed["x"]).ShouldBe(TextTemplate.Parse("{attributes.a}").Render(t));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/vnd.example+json")]
    public void A_JSON_content_type_makes_JSON_of_a_text(string contentType) =>
        Encoding.UTF8.GetString(BodyTemplate.Of(JsonValue.Create("""{ "a": "{kind}", } // why"""), contentType).Render(SampleTransitions.Brick())).ShouldBe("""{"a":"brick"}""");

    [Theory]
    [InlineData("text/plain", "a & <b> \"c\"")]
    [InlineData("application/xml", "a &amp; &lt;b&gt; &quot;c&quot;")]
    [InlineData("application/soap+xml; charset=utf-8", "a &amp; &lt;b&gt; &quot;c&quot;")]
    [InlineData("text/html", "a &amp; &lt;b&gt; &quot;c&quot;")]
    [InlineData("application/x-www-form-urlencoded", "a%20%26%20%3Cb%3E%20%22c%22")]
    public void Values_are_escaped_as_the_content_type_wants(string contentType, string expected)
    {
        Transition t = SampleTransitions.Brick() with { Attributes = new Dictionary<string, string> { ["a"] = "a & <b> \"c\"" } };
        Encoding.UTF8.GetString(BodyTemplate.Of(JsonValue.Create("<&x={attributes.a}"), contentType).Render(t)).ShouldBe("<&x=" + expected);
    }

    [Fact]
    public void All_faults_are_told_each_with_its_place()
    {
        TemplateException e = Should.Throw<TemplateException>(() => BodyTemplate.Of(JsonNode.Parse("""{ "a": ["{x}", "{kind}"], "b": { "c": "{time:y}" } }""")!, "application/json"));
        e.Faults.Select(fault => fault.Path).ShouldBe(["a[0]", "b.c"]);
    }

    [Theory]
    [InlineData("application/json", "[\n  { \"text\": \"{kind}\",\n    \"color\": \"{colour}\" }\n]", ":3: [0].color: {colour} is no placeholder; ")]
    [InlineData("application/json", "{\n  \"a\": 1,\n  \"a\": 2\n}", ":3: a: this key is there twice; keep one of them")]
    [InlineData("application/json", "{\n  \"a\": \n}", ":3: not JSON: ")]
    [InlineData("application/json", "", ":1: not JSON: ")]
    [InlineData("application/json", "null", ":1: null is no template")]
    [InlineData("text/plain", "Dear {kind},\n\n{sumary}", ":3: {sumary} is no placeholder; did you mean 'summary'? ")]
    public void A_fault_in_a_file_names_file_and_line(string contentType, string text, string message)
    {
        string file = _folder.File("template");
        File.WriteAllText(file, text);
        string told = Should.Throw<TemplateException>(() => BodyTemplate.Read(file, contentType)).Message;
        told.ShouldStartWith(file + message);
        told.ShouldNotContain("\n");
    }

    [Fact]
    public void JSON_under_another_content_type_is_a_mistake() =>
        Should.Throw<TemplateException>(() => BodyTemplate.Of(JsonNode.Parse("{}")!, "text/plain")).Message.ShouldBe("text/plain takes a text in quotes; JSON would be another content type");

    private static string Render(string template) =>
        Encoding.UTF8.GetString(BodyTemplate.Of(JsonNode.Parse(template)!, "application/json").Render(SampleTransitions.Brick()));

    /// <summary>True when no half of a surrogate pair stands alone: what was decoded from UTF-8 has none.</summary>
    private static bool IsWhole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
