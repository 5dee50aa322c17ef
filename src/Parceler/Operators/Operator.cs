namespace Parceler.Operators;

/// <summary>Somebody who signs in with a password.</summary>
/// <param name="Role"><c>viewer</c>, who looks, or <c>operator</c>, who changes.</param>
internal sealed record Operator(AccountName Name, string Role, PasswordHash Password, DateTimeOffset CreatedAt)
{
    public Scopes Scopes => ScopeWords.OfRole(Role);
}
