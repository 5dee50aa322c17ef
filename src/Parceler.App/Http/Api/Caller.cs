using Microsoft.AspNetCore.Http.Features;
using Parceler.Operators;

namespace Parceler.App.Http.Api;

/// <summary>Who calls: a token, or an operator who is signed in.</summary>
/// <param name="Cookie">What the cookie holds; null for a token.</param>
internal sealed record Caller(string Name, Scopes Scopes, string? Cookie, OperatorSession? Session)
{
    public static Caller Of(ApiToken token) => new($"token {token.Name}", token.Scopes, null, null);

    public static Caller Of(OperatorSession session, string cookie) => new(session.Operator.ToString(), session.Scopes, cookie, session);

    public static Caller Get(HttpContext http) => http.Features.GetRequiredFeature<Caller>();
}
