using System.Text.Json;
using System.Text.RegularExpressions;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary><c>deploy/compose/compose.yaml</c> as an engine would see it: read by a real parser of YAML, its variables filled in from a file of settings.</summary>
internal sealed partial class ComposeFile
{
    public const string Folder = "deploy/compose";
    private readonly Dictionary<string, string> _values;

    private ComposeFile(JsonElement root, Dictionary<string, string> values) => (Root, _values) = (root, values);

    public JsonElement Root { get; }

    /// <summary>Names of variables that the file asks for.</summary>
    public HashSet<string> Asked { get; } = new(StringComparer.Ordinal);

    public IEnumerable<JsonProperty> Services => Root.GetProperty("services").EnumerateObject();

    /// <summary>Those that run Parceler.</summary>
    public IEnumerable<JsonProperty> Parcelers => Services.Where(service => service.Value.GetProperty("image").GetString() == "parceler");

    public static async Task<ComposeFile> ReadAsync(Dictionary<string, string> values)
    {
        var json = (await new RealClient(CloneFolder.File(Folder)).RunAsync("yq", ".", "compose.yaml")).Succeeded().Output;
        return new(JsonSerializer.Deserialize<JsonElement>(json), values);
    }

    /// <summary>The settings of an example of an environment file.</summary>
    public static Dictionary<string, string> Example() =>
        File.ReadLines(CloneFolder.File($"{Folder}/.env.example")).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public Dictionary<string, string> Environment(JsonElement service) =>
        service.TryGetProperty("environment", out var environment) ? environment.EnumerateObject().ToDictionary(setting => setting.Name, setting => Fill(setting.Value.GetString()!)) : [];

    /// <summary><c>${NAME}</c>, <c>${NAME:-default}</c>, <c>${NAME:?what is missing}</c>.</summary>
    public string Fill(string text) =>
        Variable()
            .Replace(
                text,
                match =>
                {
                    Asked.Add(match.Groups[1].Value);
                    var value = _values.GetValueOrDefault(match.Groups[1].Value, "");
                    return value.Length > 0 ? value
                        : match.Groups[2].Value.StartsWith(":-", StringComparison.Ordinal) ? match.Groups[2].Value[2..]
                        : match.Groups[2].Value.StartsWith(":?", StringComparison.Ordinal) ? throw new InvalidOperationException($"{match.Groups[1].Value} is missing")
                        : "";
                }
            )
            .Replace("$$", "$", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z0-9_]+)(:[-?][^}]*)?\}")]
    private static partial Regex Variable();
}
