using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Parceler.App.Answers;

namespace Parceler.App.Http.Api;

/// <summary>All that the API takes and answers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(ApiPage<RepositoryEntry>))]
[JsonSerializable(typeof(RepositoryDetails))]
[JsonSerializable(typeof(ApiPage<SnapshotEntry>))]
[JsonSerializable(typeof(ApiPage<FileEntry>))]
[JsonSerializable(typeof(ApiPage<SnapshotPackage>))]
[JsonSerializable(typeof(ApiPage<DiffEntry>))]
[JsonSerializable(typeof(ApiPage<PackageEntry>))]
[JsonSerializable(typeof(ApiPage<JobEntry>))]
[JsonSerializable(typeof(ApiPage<MachineEntry>))]
[JsonSerializable(typeof(ApiPage<AuditLine>))]
[JsonSerializable(typeof(JobLogPart))]
[JsonSerializable(typeof(List<PreviewEntry>))]
[JsonSerializable(typeof(List<TrustedKeyEntry>))]
[JsonSerializable(typeof(List<TokenEntry>))]
[JsonSerializable(typeof(List<OperatorEntry>))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(MaintenanceState))]
[JsonSerializable(typeof(Served))]
[JsonSerializable(typeof(DeletedSnapshot))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(RepositoryBody))]
[JsonSerializable(typeof(SyncBody))]
[JsonSerializable(typeof(ReleaseBody))]
[JsonSerializable(typeof(FreezeBody))]
[JsonSerializable(typeof(TrustBody))]
[JsonSerializable(typeof(MachineBody))]
[JsonSerializable(typeof(MaintenanceBody))]
[JsonSerializable(typeof(SignInBody))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(OperatorBody))]
[JsonSerializable(typeof(PasswordBody))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>A plain '+' in instants and names of packages.</summary>
    public static ApiJson Plain { get; } = new(new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void Configure(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a misspelt setting is no setting
        options.NumberHandling = JsonNumberHandling.Strict;
        options.TypeInfoResolverChain.Insert(0, Default);
    }
}
