using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The <c>///</c> summaries of options, from the documentation files that lie beside the assemblies.</summary>
public sealed partial class XmlSummaries
{
    private readonly Dictionary<Assembly, Dictionary<string, string>> _assemblies = [];

    /// <summary>A property's summary as one line of plain text; null when it has none or the file is not there.</summary>
    public string? Of(PropertyInfo property) =>
        Members(property.DeclaringType!.Assembly).GetValueOrDefault($"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}");

    /// <summary>A type's summary.</summary>
    public string? Of(Type type) => Members(type.Assembly).GetValueOrDefault("T:" + type.FullName!.Replace('+', '.'));

    private Dictionary<string, string> Members(Assembly assembly)
    {
        if (!_assemblies.TryGetValue(assembly, out Dictionary<string, string>? members))
        {
            string file = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
            members = File.Exists(file)
                ? XDocument.Load(file).Descendants("member")
                    .Where(m => m.Element("summary") is not null)
                    .ToDictionary(m => (string)m.Attribute("name")!, m => Text(m.Element("summary")!), StringComparer.Ordinal)
                : [];
            _assemblies[assembly] = members;
        }

        return members;
    }

    private static string Text(XElement summary) => Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { HasAttributes: true } see when (string?)see.Attribute("cref") is { } target && see.IsEmpty => target[(target.LastIndexOf('.') + 1)..],
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
