using GlusterBus.Notifiers.DBus.Model;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>Writes what a message consists of.</summary>
/// <param name="writer">The message, after its header.</param>
internal delegate void BusBody(ref MessageWriter writer);

/// <summary>Puts objects and their properties into a message.</summary>
internal static class BusValues
{
    /// <summary>Writes the one interface of an object with its properties, as <c>a{sa{sv}}</c>.</summary>
    public static void WriteInterfaces(ref MessageWriter writer, BusObject shown)
    {
        ArrayStart interfaces = writer.WriteDictionaryStart();
        writer.WriteDictionaryEntryStart();
        writer.WriteString(shown.Interface);
        WriteProperties(ref writer, shown.Properties);
        writer.WriteDictionaryEnd(interfaces);
    }

    /// <summary>Writes properties with their names, as <c>a{sv}</c>.</summary>
    public static void WriteProperties(ref MessageWriter writer, IEnumerable<BusProperty> properties)
    {
        ArrayStart start = writer.WriteDictionaryStart();
        foreach (BusProperty property in properties)
        {
            writer.WriteDictionaryEntryStart();
            writer.WriteString(property.Name);
            WriteValue(ref writer, property);
        }

        writer.WriteDictionaryEnd(start);
    }

    /// <summary>Writes the value of a property, as <c>v</c>.</summary>
    public static void WriteValue(ref MessageWriter writer, BusProperty property)
    {
        writer.WriteSignature(property.Signature);
        switch (property.Value)
        {
            case string text:
                writer.WriteString(text);
                break;
            case int number:
                writer.WriteInt32(number);
                break;
            case uint number:
                writer.WriteUInt32(number);
                break;
            case ulong number:
                writer.WriteUInt64(number);
                break;
            case bool flag:
                writer.WriteBool(flag);
                break;
            case Dictionary<string, string> pairs:
                ArrayStart start = writer.WriteDictionaryStart();
                foreach ((string key, string value) in pairs)
                {
                    writer.WriteDictionaryEntryStart();
                    writer.WriteString(key);
                    writer.WriteString(value);
                }

                writer.WriteDictionaryEnd(start);
                break;
            default:
                throw new InvalidOperationException($"{property.Name} has a value of the type {property.Value.GetType().Name}, for which there is no word on the bus");
        }
    }
}
