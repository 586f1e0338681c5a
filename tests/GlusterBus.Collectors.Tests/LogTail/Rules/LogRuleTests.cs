using System.Text;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

public sealed class LogRuleTests
{
    private const string Good = """
        { "name": "a_rule", "files": ["glusterd"], "messageId": 106004, "text": ["Peer {host} left"],
          "entity": "peer/{node}/{host:peer}", "state": "disconnected", "origin": "source text" }
        """;

    [Fact]
    public void A_good_rule_is_taken() => LogRule.Parse("a_rule", Encoding.UTF8.GetBytes(Good)).File.State.ShouldBe("disconnected");

    [Theory]
    [InlineData("\"files\": [\"glusterd\"]", "\"files\": [\"glusterd\"], \"colour\": 1", "colour")]
    [InlineData("\"files\": [\"glusterd\"], ", "", "files")]
    [InlineData("[\"glusterd\"]", "[\"glusterfsd\"]", "files: 'glusterfsd' is no kind of log; there are any, brick, glusterd")]
    [InlineData("106004", "\"106004\"", "$.messageId")]
    [InlineData("106004", "6004", "messageId: a message id has six digits")]
    [InlineData("106004", "106004, \"source\": \"run.c\"", "messageId: exactly one of messageId and source is needed")]
    [InlineData("Peer {host} left", "Peer {host left", "text: the '{' at 5 is not closed")]
    [InlineData("Peer {host} left", "Peer {host}{uuid} left", "text: two captures need some text between them")]
    [InlineData("Peer {host} left", "Peer left", "entity: '{host:peer}' names nothing: no template captures 'host'")]
    [InlineData("{host:peer}", "{host:pear}", "entity: '{host:pear}' names no resolver; there are brick, domainBrick")]
    [InlineData("peer/{node}", "pear/{node}", "entity: 'pear' is no kind of entity")]
    [InlineData("disconnected", "gone", "state: 'gone' is no state of a peer; there are attached")]
    [InlineData("\"state\": \"disconnected\"", "\"state\": \"disconnected\", \"occurrence\": \"left\"", "occurrence: a line tells a state or an occurrence, not both")]
    [InlineData("\"state\": \"disconnected\"", "\"occurrence\": \"left\", \"severity\": \"grave\"", "severity: 'grave' is no severity")]
    [InlineData("\"state\": \"disconnected\"", "\"noise\": true", "noise: noise tells nothing")]
    [InlineData("\"state\": \"disconnected\"", "\"state\": \"disconnected\", \"weight\": \"heavy\"", "weight: only 'hint' is possible")]
    [InlineData("\"state\": \"disconnected\"", "\"state\": \"disconnected\", \"unless\": [\"sick\"]", "unless: only states of a peer")]
    [InlineData("\"state\": \"disconnected\"", "\"state\": \"disconnected\", \"reconcile\": \"01:00:00\"", "reconcile: between 00:00:00 and 00:01:00")]
    [InlineData("\"state\": \"disconnected\"", "\"state\": \"disconnected\", \"attributes\": { \"uuid\": \"{uuid}\" }", "attributes.uuid: '{uuid}' names nothing")]
    [InlineData("\"state\": \"disconnected\"", "\"change\": \"moved\"", "state: a state, an occurrence or attributes are needed")]
    [InlineData("source text", "hearsay", "origin: 'recorded' or 'source text'")]
    [InlineData("a_rule", "b_rule", "name: 'b_rule' is not the folder's name")]
    [InlineData("{ \"name\"", "\"name\"", "rule.json")]
    public void A_bad_rule_is_refused_with_its_folder_and_key(string part, string replacement, string expected)
    {
        Good.ShouldContain(part);
        string json = Good.Replace(part, replacement, StringComparison.Ordinal);

        string message = Should.Throw<FormatException>(() => LogRule.Parse("a_rule", Encoding.UTF8.GetBytes(json))).Message;

        message.ShouldStartWith("log rule a_rule/rule.json: ");
        message.ShouldContain(expected);
    }
}
