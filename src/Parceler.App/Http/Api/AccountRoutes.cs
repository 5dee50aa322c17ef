using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.Operators;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <param name="Scopes">read, operate, release.</param>
internal sealed record TokenBody(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null);

/// <param name="Role">viewer or operator.</param>
internal sealed record OperatorBody(string Name, string Role, string Password);

internal sealed record PasswordBody(string Password);

/// <summary>Tokens and operators: for operators who are signed in.</summary>
internal static class AccountRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tokens", TokensAsync).With(Rule(null)).WithName("listTokens").WithTags("Tokens").WithSummary("The tokens of programs");
        api.MapPost("/tokens", CreateTokenAsync).With(Rule("token.create")).WithName("createToken").WithTags("Tokens").WithSummary("Makes a token, and answers it this once").ProducesProblem(409).ProducesProblem(422);
        api.MapDelete("/tokens/{name}", RevokeAsync).With(Rule("token.revoke")).WithName("revokeToken").WithTags("Tokens").WithSummary("Revokes a token").ProducesProblem(404);
        api.MapGet("/operators", OperatorsAsync).With(Rule(null)).WithName("listOperators").WithTags("Operators").WithSummary("Who can sign in");
        api.MapPost("/operators", AddAsync).With(Rule("operator.add")).WithName("addOperator").WithTags("Operators").WithSummary("Adds somebody who can sign in").ProducesProblem(409).ProducesProblem(422);
        api.MapPut("/operators/{name}/password", PasswordAsync).With(Rule("operator.password")).WithName("changePassword").WithTags("Operators").WithSummary("Changes a password, and ends the operator's sessions").ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/operators/{name}", RemoveAsync).With(Rule("operator.remove")).WithName("removeOperator").WithTags("Operators").WithSummary("Removes an operator, whose sessions end at once").ProducesProblem(404);
    }

    internal static async Task<Ok<List<TokenEntry>>> TokensAsync(ApiTokens tokens, CancellationToken cancellation) =>
        TypedResults.Ok((await tokens.ListAsync(cancellation)).ConvertAll(TokenEntry.Of));

    internal static async Task<Created<TokenEntry>> CreateTokenAsync(TokenBody body, HttpContext http, ApiTokens tokens, TimeProvider clock, CancellationToken cancellation)
    {
        var (name, scopes) = (AccountName.Parse(body.Name), ScopeWords.Parse(body.Scopes));
        var token = await tokens.CreateAsync(name, scopes, body.ExpiresAt, cancellation);
        return TypedResults.Created($"{Api.Root}/tokens", new TokenEntry(name.ToString(), scopes.ToWords(), clock.GetUtcNow(), Caller.Get(http).Name, body.ExpiresAt, null, token));
    }

    internal static async Task<NoContent> RevokeAsync(string name, ApiTokens tokens, CancellationToken cancellation) =>
        await tokens.RevokeAsync(AccountName.Parse(name), cancellation) ? TypedResults.NoContent() : throw new AbsentException($"There is no token '{name}'. GET /api/v1/tokens tells which there are");

    internal static async Task<Ok<List<OperatorEntry>>> OperatorsAsync(OperatorCatalog operators, CancellationToken cancellation) =>
        TypedResults.Ok((await operators.ListAsync(cancellation)).ConvertAll(OperatorEntry.Of));

    internal static async Task<Created<OperatorEntry>> AddAsync(OperatorBody body, OperatorCatalog operators, TimeProvider clock, CancellationToken cancellation)
    {
        var name = AccountName.Parse(body.Name);
        await operators.AddAsync(name, body.Role, body.Password, cancellation);
        return TypedResults.Created($"{Api.Root}/operators", new OperatorEntry(name.ToString(), body.Role, clock.GetUtcNow()));
    }

    internal static async Task<NoContent> PasswordAsync(string name, PasswordBody body, OperatorCatalog operators, CancellationToken cancellation) =>
        await operators.ChangePasswordAsync(AccountName.Parse(name), body.Password, cancellation) ? TypedResults.NoContent() : throw NoOperator(name);

    internal static async Task<NoContent> RemoveAsync(string name, OperatorCatalog operators, CancellationToken cancellation) =>
        await operators.RemoveAsync(AccountName.Parse(name), cancellation) ? TypedResults.NoContent() : throw NoOperator(name);

    private static ApiRule Rule(string? what) => new(Scopes.Operate, what, OnlyOperators: true);

    private static AbsentException NoOperator(string name) => new($"There is no operator '{name}'. GET /api/v1/operators tells which there are");
}
