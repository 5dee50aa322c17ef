using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <summary>A public key: the text of its file, or its bytes in base64.</summary>
internal sealed record TrustBody(string? Content = null, byte[]? Bytes = null);

/// <summary>The keys that the package indexes of a repository may be signed with.</summary>
internal static class TrustRoutes
{
    private const string Tag = "Trusted keys";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/repositories/{name}/trust", ListAsync).Reads().WithName("listTrustedKeys").WithTags(Tag).WithSummary("The keys that a repository trusts").ProducesProblem(404);
        api.MapPut("/repositories/{name}/trust/{key}", PutAsync).Changes("repository.trust.add").WithName("addTrustedKey").WithTags(Tag).WithSummary("Trusts a key under a name: from the next sync on, each package index has to be signed by one of them").ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/repositories/{name}/trust/{key}", DeleteAsync).Changes("repository.trust.remove").WithName("removeTrustedKey").WithTags(Tag).WithSummary("Trusts a key no longer, by its name or its fingerprint").ProducesProblem(404);
    }

    internal static async Task<Ok<List<TrustedKeyEntry>>> ListAsync(string name, RepositoryCatalog catalog, CancellationToken cancellation) =>
        TypedResults.Ok((await catalog.GetAsync(RepositoryName.Parse(name), cancellation)).Trust.Select(TrustKeys.EntryOf).ToList());

    internal static async Task<Ok<TrustedKeyEntry>> PutAsync(string name, string key, TrustBody body, TrustKeys trust, CancellationToken cancellation)
    {
        if (body.Content is null == body.Bytes is null)
        {
            throw new InvalidSettingException("A key has content, the text of its file, or bytes, in base64");
        }

        var file = TrustKeys.Parse(Path.GetFileName(key), body.Bytes ?? Encoding.UTF8.GetBytes(body.Content!));
        await trust.AddAsync(RepositoryName.Parse(name), [file], cancellation);
        return TypedResults.Ok(TrustKeys.EntryOf(file));
    }

    internal static async Task<NoContent> DeleteAsync(string name, string key, TrustKeys trust, CancellationToken cancellation)
    {
        await trust.RemoveAsync(RepositoryName.Parse(name), key, cancellation);
        return TypedResults.NoContent();
    }
}
