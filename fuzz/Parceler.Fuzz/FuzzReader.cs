namespace Parceler.Fuzz;

/// <summary>One way into a reader of bytes from outside.</summary>
/// <param name="Refusals">What it documents to throw for bad input; anything else is a crash.</param>
/// <param name="Seeds">Inputs to begin with: good ones, for the most part.</param>
public sealed record FuzzReader(string Name, IReadOnlyList<Type> Refusals, Action<byte[]> Read, Func<IEnumerable<byte[]>> Seeds)
{
    /// <summary>A reader whose one refusal is an <see cref="InvalidDataException"/>.</summary>
    public static FuzzReader OfData(string name, Action<byte[]> read, Func<IEnumerable<byte[]>> seeds) => new(name, [typeof(InvalidDataException)], read, seeds);

    /// <summary>A reader of keys and signatures, whose one refusal is a <see cref="FormatException"/>.</summary>
    public static FuzzReader OfKeys(string name, Action<byte[]> read, Func<IEnumerable<byte[]>> seeds) => new(name, [typeof(FormatException)], read, seeds);

    /// <summary>A reader that refuses nothing.</summary>
    public static FuzzReader OfAll(string name, Action<byte[]> read, Func<IEnumerable<byte[]>> seeds) => new(name, [], read, seeds);

    /// <summary>Reads; returns after what was read, or refused as documented.</summary>
    public void Run(byte[] file)
    {
        try
        {
            Read(file);
        }
        catch (Exception e) when (Refusals.Any(refusal => refusal.IsInstanceOfType(e)))
        {
            // as documented
        }
    }
}
