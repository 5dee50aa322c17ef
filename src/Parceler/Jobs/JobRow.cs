using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>Rows of the table of jobs, read.</summary>
internal static class JobRow
{
    public const string Columns =
        "id, kind, subject, payload, state, tries, max_tries, not_before, give_up_at, queued_at, started_at, finished_at, cancel_requested, progress, result, error";

    public static string InDb(this JobState state) =>
        state switch
        {
            JobState.Waiting => "waiting",
            JobState.Running => "running",
            JobState.Succeeded => "succeeded",
            JobState.Failed => "failed",
            _ => "cancelled",
        };

    public static Job Read(DbDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            Enum.Parse<JobState>(row.GetString(4), ignoreCase: true),
            row.Int(5),
            row.Int(6),
            row.Time(7),
            row.TimeOrNull(8),
            row.Time(9),
            row.TimeOrNull(10),
            row.TimeOrNull(11),
            row.GetInt64(12) != 0,
            row.TextOrNull(13) is { } progress ? JsonSerializer.Deserialize(progress, JobsJson.Default.JobProgress) : null,
            row.TextOrNull(14),
            row.TextOrNull(15)
        );

    public static JobLine ReadLine(DbDataReader row) => new(row.GetInt64(0), row.Int(1), row.Time(2), row.GetString(3));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobProgress))]
internal sealed partial class JobsJson : JsonSerializerContext;
