namespace Parceler.App.Answers;

/// <summary>A machine on the local list. The secret is shown when it was just made, and never again.</summary>
internal sealed record MachineEntry(string Tier, string SystemId, DateTimeOffset? ExpiresAt, DateTimeOffset? CreatedAt, string? Secret);
