using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Email;
using static GlusterBus.Notifiers.Tests.Email.EmailFixture;

namespace GlusterBus.Notifiers.Tests.Email;

public sealed class IncidentsTests
{
    [Fact]
    public void A_bad_state_its_worsening_and_its_end_are_one_incident()
    {
        Incident[] incidents = [.. Follow(Brick(4, "online", "offline"), Brick(5, "offline", "health-failed", seconds: 9), Brick(6, "health-failed", "online", seconds: 20))];

        incidents.ShouldAllBe(incident => incident.Sequence == 4 && incident.Since == incidents[0].Since);
    }

    [Fact]
    public void The_next_bad_state_is_the_next_incident() =>
        Follow(Brick(1, null, "offline"), Brick(2, "offline", "online"), Brick(3, "online", "offline"), Brick(4, "offline", "online")).Select(i => i.Sequence).ShouldBe([1, 1, 3, 3]);

    [Fact]
    public void An_end_whose_beginning_nobody_saw_belongs_to_the_transition_before() =>
        Follow(Brick(8, "offline", "online")).Single().ShouldBe(new Incident("lab/brick/rv/gl2:/srv/rv1", 7, null));

    [Fact]
    public void What_is_told_again_out_of_order_never_belongs_to_what_came_later() =>
        Follow(Brick(9, "online", "offline"), Brick(4, "offline", "online")).Last().Sequence.ShouldBe(3);

    [Fact]
    public void An_occurrence_is_an_incident_of_its_own_and_ends_none()
    {
        Transition occurrence = Brick(5, "offline", "offline") with { Occurrence = "start-ordered", Change = "start-ordered" };

        Follow(Brick(4, "online", "offline"), occurrence, Brick(6, "offline", "online")).Select(i => i.Sequence).ShouldBe([4, 5, 4]);
    }

    [Fact]
    public void Incidents_of_different_clusters_and_entities_are_kept_apart() =>
        Follow(Brick(1, "online", "offline"), Brick(2, "online", "offline", "/srv/x"), Brick(3, "online", "offline") with { Cluster = "other" }, Brick(4, "offline", "online"))
            .Select(i => i.Sequence).ShouldBe([1, 2, 3, 1]);

    [Fact]
    public void Memory_is_bounded()
    {
        Incidents incidents = Incidents.None;
        for (int i = 0; i < Incidents.Most + 5; i++)
        {
            (_, incidents) = incidents.Follow(Brick(3, "online", "offline", $"/srv/{i}"));
        }

        incidents.Follow(Brick(5, "offline", "online", "/srv/0")).Incident.Sequence.ShouldBe(3);
        incidents.Follow(Brick(5, "offline", "online", $"/srv/{Incidents.Most + 1}")).Incident.Since.ShouldBeNull();
    }

    private static IEnumerable<Incident> Follow(params Transition[] transitions)
    {
        Incidents incidents = Incidents.None;
        foreach (Transition transition in transitions)
        {
            (Incident incident, incidents) = incidents.Follow(transition);
            yield return incident;
        }
    }
}
