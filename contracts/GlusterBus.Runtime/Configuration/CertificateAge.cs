using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Runtime.Configuration;

/// <summary>Whether a certificate ends soon. Decisions over values.</summary>
public static class CertificateAge
{
    /// <summary>So long before its end a certificate is told of, unless it was made for a shorter life.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(21);

    /// <summary>A line when the certificate has ended or ends soon; none while there is time.</summary>
    /// <param name="subject">Whose it is.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The present.</param>
    public static IEnumerable<CheckResult> Of(string subject, X509Certificate2 certificate, DateTimeOffset now) =>
        Of(subject, new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()), now);

    /// <summary>The same, of a certificate with these bounds. One that lives for less than nine weeks is told of in the last third of its life.</summary>
    public static IEnumerable<CheckResult> Of(string subject, DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now)
    {
        TimeSpan third = (ends - begins) / 3;
        TimeSpan left = ends - now;
        return left <= TimeSpan.Zero ? [new CheckResult(subject, $"it ended on {Date(ends.UtcDateTime)}", "renew it")]
            : left < (third < Notice ? third : Notice) ? [new CheckResult(subject, $"it ends on {Date(ends.UtcDateTime)}, in {Left(left)}", "renew it", IsWarning: true)]
            : [];
    }

    /// <summary>A day as people write it, in UTC.</summary>
    internal static string Date(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Left(TimeSpan left) => left.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalDays} days")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Ceiling(left.TotalHours)} hours");
}
