using Parceler.Operators;

namespace Parceler.App.Http.Api;

/// <summary>What an endpoint asks of the one who calls it.</summary>
/// <param name="Needs">None: anybody may.</param>
/// <param name="What">How the audit log calls it; null where it changes nothing.</param>
/// <param name="OnlyOperators">Not for tokens: whoever got hold of one must not make others of it.</param>
internal sealed record ApiRule(Scopes Needs, string? What = null, bool OnlyOperators = false);

internal static class ApiRules
{
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder endpoint) => endpoint.With(new(Scopes.Read));

    public static RouteHandlerBuilder Changes(this RouteHandlerBuilder endpoint, string what) => endpoint.With(new(Scopes.Operate, what)).ProducesProblem(StatusCodes.Status409Conflict);

    public static RouteHandlerBuilder With(this RouteHandlerBuilder endpoint, ApiRule rule) =>
        rule.Needs == Scopes.None
            ? endpoint.WithMetadata(rule)
            : endpoint.WithMetadata(rule).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
}
