using System.Text;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>Interfaces described in the XML that D-Bus has for it. Pure.</summary>
internal static class Introspection
{
    /// <summary>What <see cref="BusPath.Root"/> has: every object in one answer, their coming and going, and the signal for each transition.</summary>
    public static ReadOnlyMemory<byte> Root { get; } = """
        <interface name="org.freedesktop.DBus.ObjectManager">
          <method name="GetManagedObjects">
            <arg type="a{oa{sa{sv}}}" name="object_paths_interfaces_and_properties" direction="out"/>
          </method>
          <signal name="InterfacesAdded">
            <arg type="o" name="object_path"/>
            <arg type="a{sa{sv}}" name="interfaces_and_properties"/>
          </signal>
          <signal name="InterfacesRemoved">
            <arg type="o" name="object_path"/>
            <arg type="as" name="interfaces"/>
          </signal>
        </interface>
        <interface name="org.glusterbus.Events">
          <signal name="StateChanged">
            <arg type="s" name="entity"/>
            <arg type="s" name="previous"/>
            <arg type="s" name="current"/>
            <arg type="s" name="severity"/>
            <arg type="s" name="event"/>
          </signal>
        </interface>

        """u8.ToArray();

    /// <summary>The one interface of an object: its properties, which tell when they change.</summary>
    public static ReadOnlyMemory<byte> Of(BusObject shown)
    {
        // Names and signatures are our own, from ObjectMapping: nothing to escape.
        var xml = new StringBuilder().Append($"<interface name=\"{shown.Interface}\">\n");
        foreach (BusProperty property in shown.Properties)
        {
            xml.Append($"  <property name=\"{property.Name}\" type=\"{property.Signature}\" access=\"read\"/>\n");
        }

        return Encoding.UTF8.GetBytes(xml.Append("</interface>\n").ToString());
    }
}
