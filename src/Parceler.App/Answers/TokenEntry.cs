using Parceler.Operators;

namespace Parceler.App.Answers;

/// <summary>A token as <c>token list --json</c> prints it.</summary>
/// <param name="Token">What programs send; shown when it was just made, and never again.</param>
internal sealed record TokenEntry(string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, string? Token)
{
    public static TokenEntry Of(ApiToken token) => new(token.Name.ToString(), token.Scopes.ToWords(), token.CreatedAt, token.CreatedBy, token.ExpiresAt, token.LastUsedAt, Token: null);
}
