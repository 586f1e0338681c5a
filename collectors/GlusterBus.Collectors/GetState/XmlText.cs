using System.Globalization;
using System.Xml.Linq;

namespace GlusterBus.Collectors.GetState;

/// <summary>Reads numbers of Gluster's XML, which writes <c>N/A</c> and <c>-</c> where it has none.</summary>
internal static class XmlText
{
    public static int? Number(XElement? element) =>
        int.TryParse(element?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}
