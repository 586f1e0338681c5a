using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Contracts.Tests.Configuration;

/// <summary>When a certificate is told of.</summary>
public sealed class CertificateAgeTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(365, 0, null)]
    [InlineData(365, 343, null)]
    [InlineData(365, 345, "it ends on 2027-01-01, in 20 days")]
    [InlineData(365, 364, "it ends on 2027-01-01, in 24 hours")]
    [InlineData(6, 3, null)]
    [InlineData(6, 5, "it ends on 2026-01-07, in 24 hours")]
    [InlineData(2, 0, null)]
    public void A_certificate_is_told_of_three_weeks_before_its_end_or_in_the_last_third_of_a_short_life(int life, int age, string? problem)
    {
        CheckResult? told = CertificateAge.Of("ours", Begin, Begin.AddDays(life), Begin.AddDays(age)).SingleOrDefault();

        told?.Problem.ShouldBe(problem);
        (told is null).ShouldBe(problem is null);
        (told?.IsWarning ?? true).ShouldBeTrue();
    }

    [Fact]
    public void A_certificate_that_has_ended_is_a_failure() =>
        CertificateAge.Of("ours", Begin, Begin.AddDays(10), Begin.AddDays(10)).ShouldBe([new CheckResult("ours", "it ended on 2026-01-11", "renew it")]);
}
