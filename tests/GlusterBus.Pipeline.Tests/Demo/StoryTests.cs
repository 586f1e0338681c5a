using GlusterBus.Contracts.Entities;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Simulation;

namespace GlusterBus.Pipeline.Tests.Demo;

public sealed class StoryTests
{
    [Fact]
    public void The_same_seed_tells_the_same_story_and_the_epilogue_goes_on_the_same()
    {
        Story first = Story.Compile(11);
        Story second = Story.Compile(11);

        second.Cues.Where(c => c is not Cue.Becomes).ShouldBe(first.Cues.Where(c => c is not Cue.Becomes));
        second.Cues.OfType<Cue.Becomes>().Select(b => GetStateText.Render(b.State, "n1"))
            .ShouldBe(first.Cues.OfType<Cue.Becomes>().Select(b => GetStateText.Render(b.State, "n1")));
        second.Epilogue().ShouldBe(first.Epilogue());
    }

    [Fact]
    public void Every_seed_expects_the_same_transitions()
    {
        Expectation[] expected = [.. Story.Compile(1).Expects];

        expected.Length.ShouldBe(13);
        Enumerable.Range(2, 20).ShouldAllBe(seed => Story.Compile(seed).Expects.SequenceEqual(expected));
    }

    [Fact]
    public void Expected_entities_and_states_are_in_the_vocabulary()
    {
        foreach (Expectation expectation in Story.Compile(1).Expects)
        {
            EntityKind kind = EntityKinds.Of(EntityId.Parse(expectation.Entity)).ShouldNotBeNull();
            (kind.States.ContainsKey(expectation.Change) || expectation.Change == "option-set").ShouldBeTrue(expectation.ToString());
        }
    }

    [Fact]
    public void Chapters_follow_one_another_and_the_story_ends_in_time()
    {
        Story story = Story.Compile(1);

        story.Chapters.Select(c => c.Begins).ShouldBeInOrder(SortDirection.Ascending);
        story.Cues.Select(c => c.At).ShouldBeInOrder(SortDirection.Ascending);
        story.Cues[^1].At.ShouldBeLessThan(Story.Length);
    }

    [Fact]
    public void The_chapters_together_are_the_whole_story()
    {
        Story story = Story.Compile(1);

        Cue[] parts = [.. Enumerable.Range(0, story.Chapters.Count).SelectMany(i => story.CuesOf(i).Select(c => c with { At = c.At + story.Chapters[i].Begins }))];

        parts.ShouldBe(story.Cues);
    }

    [Fact]
    public void The_state_changes_in_the_order_of_the_story()
    {
        ClusterState[] states = [.. Story.Compile(1).Cues.OfType<Cue.Becomes>().Select(b => b.State)];

        states.Select(s => s.Volumes.Length).ShouldBeInOrder(SortDirection.Ascending);
        states.Select(s => s.Volumes.Sum(v => v.Options.Length)).ShouldBeInOrder(SortDirection.Ascending);
        states[^1].Nodes.ShouldAllBe(n => n.IsUp);
    }

    [Fact]
    public void Most_of_it_is_noise()
    {
        IReadOnlyList<Cue> cues = Story.Compile(1).Cues;

        cues.Count(c => c is Cue.LogLine).ShouldBeGreaterThan(600);
        cues.Count(c => c is Cue.Datagram).ShouldBeGreaterThan(100);
    }
}
