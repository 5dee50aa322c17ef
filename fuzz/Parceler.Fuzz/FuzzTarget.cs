namespace Parceler.Fuzz;

/// <summary>
/// Readers that are fuzzed together. The first byte of an input says which of them gets the rest (its low seven bits), and whether the rest is
/// the file or a short form of a long one (the highest bit): so that what takes time or memory out of proportion shows with short inputs too.
/// </summary>
/// <param name="Words">Parts of files that a fuzzer would not come upon by itself.</param>
public sealed record FuzzTarget(string Name, IReadOnlyList<FuzzReader> Readers, IReadOnlyList<string> Words)
{
    internal const byte IsShort = 0x80;
    private const int UnitsOfASeed = 4;

    /// <summary>The readers, of a package format or a part of one each.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Targets.OpkgTarget.Create(), Targets.ApkTarget.Create(), Targets.ApkV2Target.Create(), Targets.AptTarget.Create(), Targets.DebTarget.Create(),
        Targets.RpmIndexTarget.Create(), Targets.RpmTarget.Create(), Targets.PackedTarget.Create(), Targets.KeysTarget.Create(), Targets.OpenPgpTarget.Create(),
        Targets.VersionsTarget.Create(), Targets.FeedsTarget.Create(), Targets.UpstreamTarget.Create(),
    ];

    public static FuzzTarget Named(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"There is no reader '{name}': {string.Join(", ", All.Select(target => target.Name))}");

    /// <summary>The file that the input stands for, with its reader; null for an empty input.</summary>
    public (FuzzReader Reader, byte[] File)? FileOf(ReadOnlySpan<byte> input) => input.IsEmpty ? null
        : (Readers[(input[0] & ~IsShort) % Readers.Count], (input[0] & IsShort) == 0 ? input[1..].ToArray() : LongFile.Of(input[1..]));

    /// <summary>Gives an input to its reader; throws if it is not read, nor refused as documented.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (FileOf(input) is var (reader, file))
        {
            reader.Run(file);
        }
    }

    /// <summary>Inputs to begin with: the files, and long ones of which a line repeats.</summary>
    public IEnumerable<byte[]> Seeds() => Readers.SelectMany((reader, at) => reader.Seeds().SelectMany(file => Seeds((byte)at, file)));

    private static IEnumerable<byte[]> Seeds(byte reader, byte[] file) =>
        LongFile.Shorts(file).Take(UnitsOfASeed).Select(form => (byte[])[(byte)(reader | IsShort), .. form]).Prepend([reader, .. file]);
}
