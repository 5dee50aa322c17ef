using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parceler.App.Answers;

namespace Parceler.App.Cli;

/// <summary>How <c>--json</c> prints.</summary>
[JsonSerializable(typeof(RepositoryEntry))]
[JsonSerializable(typeof(RepositoryDetails))]
[JsonSerializable(typeof(FileEntry))]
[JsonSerializable(typeof(SnapshotEntry))]
[JsonSerializable(typeof(DiffEntry))]
[JsonSerializable(typeof(PackageEntry))]
[JsonSerializable(typeof(PreviewEntry))]
[JsonSerializable(typeof(MachineEntry))]
[JsonSerializable(typeof(JobEntry))]
[JsonSerializable(typeof(TrustedKeyEntry))]
[JsonSerializable(typeof(VerifyEntry))]
[JsonSerializable(typeof(CopyEntry))]
[JsonSerializable(typeof(TokenEntry))]
[JsonSerializable(typeof(OperatorEntry))]
[JsonSerializable(typeof(AuditLine))]
[JsonSerializable(typeof(ImportEntry))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>camelCase, and a plain '+' in instants and names of packages.</summary>
    public static CliJson Printed { get; } =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
