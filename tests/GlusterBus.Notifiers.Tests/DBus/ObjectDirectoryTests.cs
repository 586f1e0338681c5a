using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.Tests.DBus;

public sealed class ObjectDirectoryTests
{
    private readonly ObjectDirectory _objects = new();

    [Fact]
    public void The_root_is_there_before_any_object_and_nothing_else_is()
    {
        _objects.Below("/org/glusterbus").ShouldBeEmpty();
        _objects.Below("/org/glusterbus/volumes").ShouldBeNull();
    }

    [Fact]
    public void The_way_to_an_object_is_there_as_long_as_an_object_needs_it()
    {
        _objects.Set(Object("bricks/gv0/b1"));
        _objects.Set(Object("bricks/gv0/b2"));
        _objects.Set(Object("volumes/gv0"));
        _objects.Set(Object("bricks/gv0/b1"));

        _objects.Below("/org/glusterbus").ShouldBe(["bricks", "volumes"]);
        _objects.Below("/org/glusterbus/bricks").ShouldBe(["gv0"]);
        _objects.Below("/org/glusterbus/bricks/gv0").ShouldBe(["b1", "b2"]);
        _objects.Below("/org/glusterbus/bricks/gv0/b1").ShouldBeEmpty();

        _objects.Remove("/org/glusterbus/bricks/gv0/b1");
        _objects.Below("/org/glusterbus/bricks/gv0").ShouldBe(["b2"]);
        _objects.Remove("/org/glusterbus/bricks/gv0/b2");
        _objects.Below("/org/glusterbus/bricks/gv0").ShouldBeNull();
        _objects.Below("/org/glusterbus/bricks").ShouldBeNull();
        _objects.Below("/org/glusterbus").ShouldBe(["volumes"]);
    }

    [Fact]
    public void An_object_on_the_way_to_another_one_stays_when_that_goes_and_leaves_the_way_when_it_goes()
    {
        _objects.Set(Object("volumes/gv0"));
        _objects.Set(Object("volumes/gv0/part"));

        _objects.Remove("/org/glusterbus/volumes/gv0");
        _objects.Below("/org/glusterbus/volumes/gv0").ShouldBe(["part"]);
        _objects.Set(Object("volumes/gv0"));
        _objects.Remove("/org/glusterbus/volumes/gv0/part");
        _objects.Below("/org/glusterbus/volumes/gv0").ShouldBeEmpty();
        _objects.Remove("/org/glusterbus/volumes/gv0");
        _objects.Remove("/org/glusterbus/volumes/gv0");
        _objects.Below("/org/glusterbus").ShouldBeEmpty();
        _objects.All.ShouldBeEmpty();
    }

    private static BusObject Object(string path) => new("/org/glusterbus/" + path, "org.glusterbus.Thing", []);
}
