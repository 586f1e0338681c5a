using GlusterBus.Notifiers.Broker;

namespace GlusterBus.Notifiers.Tests.Broker;

/// <summary>What people type for an error queue.</summary>
public sealed class ErrorQueueNameTests
{
    [Theory]
    [InlineData("ops", "glusterbus.notify.ops.error")]
    [InlineData("glusterbus.notify.ops", "glusterbus.notify.ops.error")]
    [InlineData("glusterbus.notify.ops.error", "glusterbus.notify.ops.error")]
    [InlineData("gone", "glusterbus.notify.gone.error")]
    [InlineData("router", "glusterbus.observations.error")]
    [InlineData("glusterbus.observations.error", "glusterbus.observations.error")]
    public void A_notifier_the_router_and_the_names_on_the_broker_lead_to_their_error_queue(string typed, string queue) =>
        ErrorQueueName.Parse(typed, ["ops"])!.ErrorQueue.ShouldBe(queue);

    [Fact]
    public void A_notifier_named_like_the_router_goes_before_it_and_both_can_be_named()
    {
        ErrorQueueName.Parse("router", ["router"])!.ErrorQueue.ShouldBe("glusterbus.notify.router.error");
        ErrorQueueName.All(["router"]).ShouldBe([ErrorQueueName.Of("router"), new ErrorQueueName("glusterbus.observations.error", "glusterbus.observations")]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("glusterbus.notify.")]
    [InlineData("ops.bindings")]
    public void What_can_t_be_the_name_of_a_queue_leads_nowhere(string typed) => ErrorQueueName.Parse(typed, ["ops"]).ShouldBeNull();

    [Fact]
    public void A_name_that_leads_nowhere_is_answered_with_those_there_are() =>
        ErrorQueueName.Suggestion("opps", ["ops", "tickets"]).ShouldBe("did you mean 'ops'? there are: ops, tickets, router");
}
