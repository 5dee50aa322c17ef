using Parceler.Feeds;
using Parceler.Repositories;

namespace Parceler.App.Answers;

/// <summary>The keys that the package indexes of a repository may be signed with.</summary>
internal sealed class TrustKeys(ChangeRepository change)
{
    /// <exception cref="RefusedException">It is no public key.</exception>
    public static TrustedKeyFile Parse(string name, byte[] content)
    {
        try
        {
            return new(name, TrustedKey.Parse(name, content).Fingerprint, content);
        }
        catch (FormatException e)
        {
            throw new InvalidSettingException($"'{name}' can't be trusted: {e.Message}");
        }
    }

    public static TrustedKeyEntry EntryOf(TrustedKeyFile file)
    {
        var key = TrustedKey.Parse(file);
        return new(key.Label, KindOf(key.Kind), key.Fingerprints);
    }

    public Task AddAsync(RepositoryName name, IReadOnlyList<TrustedKeyFile> keys, CancellationToken cancellation) =>
        change.RunAsync(
            name,
            (session, repository) =>
                RepositoryCatalog.UpdateAsync(session, repository with { Trust = [.. repository.Trust.Where(old => keys.All(key => key.Fingerprint != old.Fingerprint)), .. keys] }),
            cancellation
        );

    /// <param name="key">Its fingerprint, or the name of its file.</param>
    /// <returns>How many are left.</returns>
    /// <exception cref="AbsentException">There is no such key.</exception>
    public Task<int> RemoveAsync(RepositoryName name, string key, CancellationToken cancellation) =>
        change.RunAsync(
            name,
            async (session, repository) =>
            {
                List<TrustedKeyFile> left = [.. repository.Trust.Where(known => known.Fingerprint != key && known.Name != key)];
                if (left.Count == repository.Trust.Count)
                {
                    throw new AbsentException($"'{name}' trusts no key '{key}'. See which it trusts: parceler repository trust list {name}");
                }

                await RepositoryCatalog.UpdateAsync(session, repository with { Trust = left });
                return left.Count;
            },
            cancellation
        );

    private static string KindOf(TrustedKeyKind kind) =>
        kind switch
        {
            TrustedKeyKind.Usign => "usign",
            TrustedKeyKind.Apk => "apk",
            _ => "openpgp",
        };
}
