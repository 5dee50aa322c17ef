using System.Globalization;

namespace Parceler.Formats.Opkg;

/// <summary>What a feed or a package says of itself: the fields of one paragraph of Packages, or of a control file, in their order.</summary>
public sealed class OpkgStanza(IReadOnlyList<StanzaField> fields)
{
    private const string Description = "Description";

    public IReadOnlyList<StanzaField> Fields { get; } = fields;

    public string Package => Required("Package");

    public string Version => Required("Version");

    public string Architecture => Required("Architecture");

    /// <summary>Path of the package below the feed; only an index has it.</summary>
    public string? Filename => this["Filename"];

    /// <summary>Bytes of the package file; only an index has it.</summary>
    public long? Size => long.TryParse(this["Size"], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    public string? Sha256 => this["SHA256sum"];

    /// <summary>The value of a field, or null. Of a field that stands twice, opkg takes the last.</summary>
    public string? this[string name] => Fields.LastOrDefault(field => field.Name == name) is { Name: not null } field ? field.Value : null;

    /// <summary>The same with these fields set: in their place if they stand already, else before the description, which comes last.</summary>
    public OpkgStanza With(params ReadOnlySpan<StanzaField> changes)
    {
        var result = Fields.ToList();
        foreach (var change in changes)
        {
            Set(result, change);
        }

        return new(result);
    }

    public OpkgStanza Without(Func<StanzaField, bool> unwanted) => new([.. Fields.Where(field => !unwanted(field))]);

    /// <summary>The fields, each with its line end; no blank line after them.</summary>
    public override string ToString() => string.Concat(Fields);

    private static void Set(List<StanzaField> fields, StanzaField change)
    {
        var at = fields.FindLastIndex(field => field.Name == change.Name);
        if (at >= 0)
        {
            fields[at] = change;
            return;
        }

        var description = fields.FindIndex(field => field.Name == Description);
        fields.Insert(description < 0 ? fields.Count : description, change);
    }

    private string Required(string name) =>
        this[name] is { Length: > 0 } value ? value : throw new InvalidDataException($"The stanza of '{this["Package"]}' has no {name}");
}
