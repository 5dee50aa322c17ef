using Parceler.App.Answers;
using Parceler.Feeds;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>Reads files of public keys as operators name them.</summary>
internal static class KeyFiles
{
    private const int Longest = 16 << 20; // a keyring of a whole distribution has some hundred kB

    /// <exception cref="RefusedException">It can't be read, or is no public key.</exception>
    public static async Task<TrustedKeyFile> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            if (new FileInfo(path).Length > Longest)
            {
                throw new RefusedException($"'{path}' is too large for a file of keys");
            }

            var content = await File.ReadAllBytesAsync(path, cancellation);
            return TrustKeys.Parse(Path.GetFileName(path), content);
        }
        catch (InvalidSettingException e)
        {
            throw new RefusedException(e.Message); // the words of the command are right, what the file holds is not
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"'{path}' can't be read: {e.Message}");
        }
    }

    public static async Task<List<TrustedKeyFile>> ReadAllAsync(IEnumerable<string> paths, CancellationToken cancellation)
    {
        var keys = new List<TrustedKeyFile>();
        foreach (var path in paths)
        {
            var key = await ReadAsync(path, cancellation);
            keys.RemoveAll(known => known.Fingerprint == key.Fingerprint);
            keys.Add(key);
        }

        return keys;
    }
}
