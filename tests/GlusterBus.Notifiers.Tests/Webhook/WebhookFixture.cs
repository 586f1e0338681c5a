using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Notifiers.Tests.Webhook;

/// <summary>Makes notifiers and deliveries for the tests of the webhook.</summary>
internal static class WebhookFixture
{
    public static WebhookNotifier Notifier(WebhookOptions options, TimeProvider? clock = null) => new(options, clock ?? TimeProvider.System, NullLogger<WebhookNotifier>.Instance);

    public static WebhookNotifier Notifier(WebhookReceiver receiver) => Notifier(new WebhookOptions { Url = receiver.Url + "hook" });

    public static Delivery Delivery(Transition? transition = null, int attempt = 1) =>
        new(transition ?? SampleTransitions.Brick(), TransitionJson.Write(transition ?? SampleTransitions.Brick()), attempt);
}
