using System.Text.Json.Nodes;
using Parceler.Audit;
using Parceler.Database;

namespace Parceler.Repositories;

/// <summary>What the audit log says of a repository: what operators decide of it, without secrets.</summary>
internal static class RepositoryAudit
{
    public static Task WriteAsync(DbSession session, Repository? before, Repository? after) =>
        AuditLog.WriteAsync(session, (after ?? before)?.Name.ToString(), StateOf(before), StateOf(after));

    private static JsonObject? StateOf(Repository? repository) =>
        repository is null
            ? null
            : new()
            {
                ["upstream"] = repository.Upstream,
                ["proxy"] = repository.Mirror?.ShownProxy,
                ["source"] = repository.SourceOnDisk ? "disk" : "folder",
                ["sourceFolder"] = repository.SourceFolder,
                ["delay"] = repository.DelayDays,
                ["allowEmpty"] = repository.AllowEmpty,
                ["timeLimitSeconds"] = (long?)repository.TimeLimit?.TotalSeconds,
                ["gate"] = GateWords.Of(repository.Gate),
                ["trust"] = AuditState.ListOf(repository.Trust.Select(key => $"{key.Name} {key.Fingerprint}")),
                ["frozen"] = repository.Freeze is { } seconds ? $"{DateTimeOffset.FromUnixTimeSeconds(seconds):yyyy-MM-dd'T'HH:mm:sszzz}" : null,
                ["acceptsRollback"] = repository.AcceptsRollback,
            };
}
