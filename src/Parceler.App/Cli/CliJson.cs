using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parceler.App.Cli;

/// <summary>How <c>--json</c> prints.</summary>
[JsonSerializable(typeof(RepositoryEntry))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>camelCase, and a plain '+' in instants and names of packages.</summary>
    public static CliJson Printed { get; } =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
