using System.Globalization;
using System.Net.Http.Headers;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>What a receiver's answer means.</summary>
internal static class WebhookAnswer
{
    /// <summary>Null when the delivery is done; else the exception that says whether to try again.</summary>
    /// <remarks>Body and reason phrase are left out: a receiver may echo a token in them.</remarks>
    /// <param name="status">The HTTP status.</param>
    /// <param name="retryAfter">The answer's <c>Retry-After</c>, if any.</param>
    /// <param name="receiver">The receiver without its secrets.</param>
    /// <param name="now">To make a wait of a date.</param>
    public static Exception? Judge(int status, RetryConditionHeaderValue? retryAfter, string receiver, DateTimeOffset now)
    {
        string answer = $"{receiver} answered {status.ToString(CultureInfo.InvariantCulture)}";
        return status switch
        {
            >= 200 and <= 299 => null,
            >= 300 and <= 399 => new DeliveryRejectedException($"{answer}: it redirects, and redirects are not followed; configure the address it redirects to"),
            408 or 425 => new DeliveryFailedException(FailureKind.Http4xx, answer),
            429 => new DeliveryFailedException(FailureKind.Http4xx, answer, Wait(retryAfter, now)),
            >= 400 and <= 499 => new DeliveryRejectedException($"{answer}: it will not take this delivery"),
            503 => new DeliveryFailedException(FailureKind.Http5xx, answer, Wait(retryAfter, now)),
            >= 500 => new DeliveryFailedException(FailureKind.Http5xx, answer),
            _ => new DeliveryFailedException(FailureKind.Other, answer),
        };
    }

    private static TimeSpan? Wait(RetryConditionHeaderValue? retryAfter, DateTimeOffset now) => retryAfter?.Delta ?? (retryAfter?.Date - now);
}
