using System.Globalization;
using Parceler.Fuzz;
using SharpFuzz;

// What fuzz/run.sh asks for. The libraries that are looked at for coverage, and the parts of those that are not ours:
(string File, string[] Names)[] watched =
[
    ("Parceler.Formats", ["Parceler."]), ("Parceler.Engine", ["Parceler.Feeds", "Parceler.Upstreams.Mirrors", "Parceler.Storage.PackagePath"]), ("SharpCompress", ["SharpCompress.Compressors.LZMA"]),
    ("ZstdSharp", ["ZstdSharp.Unsafe"]), ("BouncyCastle.Cryptography", ["Org.BouncyCastle.Bcpg"]),
];

switch (args)
{
    case ["list"]:
        Console.WriteLine(string.Join(' ', FuzzTarget.All.Select(target => target.Name)));
        return 0;
    case ["instrument", var folder]:
        foreach (var (file, names) in watched)
        {
            Fuzzer.Instrument(Path.Combine(folder, $"{file}.dll"), type => names.Any(name => type.StartsWith(name, StringComparison.Ordinal)), Options.Value);
        }

        return 0;
    case ["seeds", var name, var folder, var words]:
        WriteSeeds(FuzzTarget.Named(name), folder, words);
        return 0;
    case ["afl", var name]:
        Fuzz(FuzzTarget.Named(name));
        return 0;
    case ["mutate", var name, var count]:
        return Mutate(FuzzTarget.Named(name), int.Parse(count, CultureInfo.InvariantCulture));
    case ["replay", var name, .. var files]:
        return Replay(FuzzTarget.Named(name), files);
    default:
        Console.Error.WriteLine("list | instrument FOLDER | seeds READER FOLDER WORDS | afl READER | mutate READER COUNT | replay READER FILE...");
        return 2;
}

static void WriteSeeds(FuzzTarget target, string folder, string words)
{
    Directory.CreateDirectory(folder);
    foreach (var (seed, number) in target.Seeds().Select((seed, number) => (seed, number)))
    {
        File.WriteAllBytes(Path.Combine(folder, number.ToString("D4", CultureInfo.InvariantCulture)), seed);
    }

    File.WriteAllLines(words, target.Words.Select(word => $"\"{string.Concat(word.Select(letter => $"\\x{(int)letter:X2}"))}\""));
}

static void Fuzz(FuzzTarget target)
{
    using var watch = new ReaderWatch();
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        watch.Run(target, input.GetBuffer().AsSpan(0, (int)input.Length));
    });
}

// without afl++: changes of the seeds by chance, and those that fail in base64
static int Mutate(FuzzTarget target, int count)
{
    using var watch = new ReaderWatch();
    var mutations = new Mutations(target, Environment.ProcessId);
    var faults = 0;
    for (var at = 0; at < count; at++)
    {
        var input = mutations.Next();
        try
        {
            watch.Run(target, input);
        }
        catch (Exception e)
        {
            faults++;
            Console.WriteLine($"{Convert.ToBase64String(input)}: {e}");
        }
    }

    return faults > 0 ? 1 : 0;
}

// each file with what came of it; 1 if any was not read or refused as it should be
static int Replay(FuzzTarget target, string[] files)
{
    using var watch = new ReaderWatch();
    var faults = 0;
    foreach (var file in files)
    {
        try
        {
            var cost = watch.Run(target, File.ReadAllBytes(file));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {cost.Seconds:F3} s, {cost.Bytes / 1e6:F1} MB"));
        }
        catch (Exception e)
        {
            faults++;
            Console.WriteLine($"{file}: {e}");
        }
    }

    return faults > 0 ? 1 : 0;
}
