namespace Parceler.Operators;

/// <summary>A token for programs that use the API. What it is made of is kept as a hash only.</summary>
internal sealed record ApiToken(AccountName Name, Scopes Scopes, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);
