using System.Text.Json;
using Parceler.Audit;

namespace Parceler.App.Answers;

/// <summary>A change as <c>audit list --json</c> prints it.</summary>
/// <param name="Who">A token, an operator, or the command line with its user.</param>
/// <param name="What">The command, or what the API did: <c>repository.freeze</c>.</param>
/// <param name="Before">What was, as far as it changed; null where there was nothing.</param>
/// <param name="After">What is now; null where nothing is left.</param>
/// <param name="Address">Where the request came from; null at the command line.</param>
internal sealed record AuditLine(long Id, DateTimeOffset At, string Who, string What, string? Repository, JsonElement? Before, JsonElement? After, string? Address)
{
    public static AuditLine Of(AuditEntry entry) =>
        new(entry.Id, entry.At, entry.Who, entry.What, entry.Repository, Parse(entry.Before), Parse(entry.After), entry.Address);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}
