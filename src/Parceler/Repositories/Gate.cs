namespace Parceler.Repositories;

/// <summary>What becomes of a synced tree whose package indexes and files do not agree, or are not genuine.</summary>
internal enum GateMode
{
    /// <summary>It makes no snapshot.</summary>
    Strict,

    /// <summary>It makes one, and what is wrong is listed.</summary>
    Warn,

    /// <summary>It is not looked at.</summary>
    Off,
}

/// <summary>A key that the indexes of a repository may be signed with, as its file was: usign, PEM or OpenPGP.</summary>
/// <param name="Name">The name of the file, for people.</param>
/// <param name="Fingerprint">Tells it from others.</param>
internal sealed record TrustedKeyFile(string Name, string Fingerprint, byte[] Content);

/// <summary>The modes of the gate as operators write them.</summary>
internal static class GateWords
{
    public static readonly string[] All = ["strict", "warn", "off"];

    public static string Of(GateMode mode) => All[(int)mode];

    public static GateMode Parse(string word) =>
        Array.IndexOf(All, word) is >= 0 and var number ? (GateMode)number : throw new InvalidSettingException($"'{word}' is no mode of the gate: {string.Join(", ", All)}");
}
