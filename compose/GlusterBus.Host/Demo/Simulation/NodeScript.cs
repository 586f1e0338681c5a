namespace GlusterBus.Host.Demo.Simulation;

/// <summary>What one node writes and sends, one thing after the other.</summary>
internal sealed class NodeScript(SimulatedCluster cluster, string node, TimeSpan at)
{
    public string Node => node;

    /// <summary>The time of the next line.</summary>
    public TimeSpan Now { get; private set; } = at;

    public NodeScript After(double milliseconds)
    {
        Now += TimeSpan.FromMilliseconds(milliseconds);
        return this;
    }

    public NodeScript Glusterd(string text) => Log("glusterd.log", text);

    public NodeScript Shd(string text) => Log("glustershd.log", text);

    public NodeScript Brick(SimulatedBrick brick, string text) => Log(brick.LogFile, text);

    /// <summary>The command history: the one log whose lines have two blanks and a colon after the stamp.</summary>
    public NodeScript History(string command) => Log("cmd_history.log", $" : {command} : SUCCESS");

    public NodeScript Event(int number, string payload)
    {
        cluster.Add(new Cue.Datagram(Tick(), node, number, payload));
        return this;
    }

    /// <summary>A line that glusterd held back: written now, stamped when it happened.</summary>
    public NodeScript Late(string file, string text, TimeSpan behind)
    {
        cluster.Add(new Cue.LogLine(Tick(), node, file, text, behind));
        return this;
    }

    public NodeScript Repeated(string file, string message, int count, TimeSpan firstBehind, TimeSpan lastBehind)
    {
        cluster.Add(new Cue.RepeatedLine(Tick(), node, file, message, count, firstBehind, lastBehind));
        return this;
    }

    public NodeScript Bare(string file, string text)
    {
        cluster.Add(new Cue.BareLines(Tick(), node, file, text));
        return this;
    }

    public NodeScript Log(string file, string text)
    {
        cluster.Add(new Cue.LogLine(Tick(), node, file, text));
        return this;
    }

    private TimeSpan Tick()
    {
        TimeSpan due = Now;
        Now += cluster.Tick();
        return due;
    }
}
