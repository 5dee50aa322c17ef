namespace Parceler.Feeds;

/// <summary>Collects the packages of one feed and holds them to the limits.</summary>
internal sealed class FeedPackages(string root, FeedLimits limits, bool isFlat = false)
{
    private readonly List<FeedPackage> _packages = [];
    private readonly HashSet<string> _architectures = new(StringComparer.Ordinal); // few, so that they are kept once

    public IReadOnlyList<FeedPackage> List => _packages;

    /// <exception cref="InvalidDataException">It could do harm, or there are too many.</exception>
    public void Add(string name, string version, string architecture, ReadOnlySpan<char> path, long? size, FeedHash hash, string? fixedIn = null)
    {
        if (_packages.Count == limits.Packages)
        {
            throw new InvalidDataException($"it names more than {limits.Packages} packages");
        }

        _packages.Add(new(Word(name), Word(version), Once(architecture), FeedPath.Below(isFlat ? FeedPath.RootOfFlat(root, path) : root, path), size, hash, fixedIn));
    }

    private string Once(string architecture)
    {
        if (_architectures.TryGetValue(architecture, out var known))
        {
            return known;
        }

        _architectures.Add(Word(architecture));
        return architecture;
    }

    // words of packages are printed for people: no control characters, so that none can steer a terminal
    private string Word(string word)
    {
        foreach (var c in word)
        {
            if (char.IsControl(c))
            {
                throw new InvalidDataException($"it has a name or version with a control character, '{FeedPath.Shown(word)}'");
            }
        }

        return word.Length > 0 && word.Length <= limits.Word ? word : throw new InvalidDataException($"it has a name or version of {word.Length} characters");
    }
}
