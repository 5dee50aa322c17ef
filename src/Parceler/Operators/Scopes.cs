using Parceler.Repositories;

namespace Parceler.Operators;

/// <summary>What somebody may do.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Look at everything.</summary>
    Read = 1,

    /// <summary>Change everything but operators and tokens; to read and to release is part of it.</summary>
    Operate = 2,

    /// <summary>Ask for releases: for the pipeline of an upstream.</summary>
    Release = 4,
}

/// <summary>Scopes and roles as operators write them.</summary>
internal static class ScopeWords
{
    public static readonly string[] All = ["read", "operate", "release"];
    public static readonly string[] Roles = ["viewer", "operator"];

    /// <summary>Whether who holds these may do that.</summary>
    public static bool Allow(this Scopes held, Scopes needed) => (held & needed) != 0 || ((held & Scopes.Operate) != 0 && needed != Scopes.None);

    public static string[] ToWords(this Scopes scopes) => [.. All.Where(word => (scopes & Of(word)) != 0)];

    /// <exception cref="InvalidSettingException"/>
    public static Scopes Parse(IEnumerable<string> words)
    {
        var scopes = words.Aggregate(Scopes.None, (all, word) => all | Of(word));
        return scopes == Scopes.None ? throw new InvalidSettingException($"A token needs at least one scope: {string.Join(", ", All)}") : scopes;
    }

    /// <exception cref="InvalidSettingException"/>
    public static Scopes OfRole(string role) =>
        role switch
        {
            "viewer" => Scopes.Read,
            "operator" => Scopes.Read | Scopes.Operate | Scopes.Release,
            _ => throw new InvalidSettingException($"'{role}' is no role: {string.Join(", ", Roles)}"),
        };

    private static Scopes Of(string word) =>
        word switch
        {
            "read" => Scopes.Read,
            "operate" => Scopes.Operate,
            "release" => Scopes.Release,
            _ => throw new InvalidSettingException($"'{word}' is no scope: {string.Join(", ", All)}"),
        };
}
