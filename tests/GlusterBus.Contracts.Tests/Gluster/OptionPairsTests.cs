using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Contracts.Tests.Gluster;

public sealed class OptionPairsTests
{
    [Theory]
    [InlineData(",performance.io-cache,off", "performance.io-cache=off")]
    [InlineData(",cluster.self-heal-daemon,on,diagnostics.client-log-level,INFO", "cluster.self-heal-daemon=on|diagnostics.client-log-level=INFO")]
    [InlineData(",auth.reject,10.77.0.4", "auth.reject=10.77.0.4")]
    [InlineData(",auth.allow,10.0.0.1,10.0.0.2", "auth.allow=10.0.0.1,10.0.0.2")]
    [InlineData(",auth.allow,10.0.0.1,10.0.0.2,10.0.0.3,nfs.disable,on", "auth.allow=10.0.0.1,10.0.0.2,10.0.0.3|nfs.disable=on")]
    [InlineData(",auth.ssl-allow,CN=a,O=b", "auth.ssl-allow=CN=a,O=b")]
    [InlineData(",user.note,x=1;y=2", "user.note=x=1;y=2")]
    [InlineData(",user.note,", "user.note=")]
    [InlineData(",user.note", "user.note=")]
    [InlineData("", "")]
    [InlineData(",", "")]
    public void Names_and_values_pair_up_even_where_a_value_has_commas(string options, string expected) =>
        string.Join('|', OptionPairs.Split(options).Select(p => $"{p.Key}={p.Value}")).ShouldBe(expected);

    [Fact]
    public void Joining_undoes_splitting()
    {
        const string options = ",auth.allow,10.0.0.1,10.0.0.2,10.0.0.3,nfs.disable,on";
        OptionPairs.Join(OptionPairs.Split(options)).ShouldBe(options);
    }

    [Theory]
    [InlineData("auth.allow")]
    [InlineData("client.ssl")]
    [InlineData("user.Secret")]
    [InlineData("auth.login.rv.password")]
    public void Secrets_are_not_shown(string option) => OptionPairs.Show(option, "x").ShouldBe("***");

    [Fact]
    public void Other_options_are_shown() => OptionPairs.Show("nfs.disable", "on").ShouldBe("on");
}
