using Parceler.Entitlements;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>A machine saw two snapshots in one update, or a file was not there that an index names.</summary>
internal sealed class BrokenSessionException(string what) : Exception(what);

/// <summary>
/// A machine that updates as its package manager does: the indexes in order, then packages one by one, now or hours later from
/// the indexes that it kept.
/// </summary>
internal sealed class SimulatedMachine(int number, SimulatedRepository repository, Random random)
{
    private readonly List<(string Path, Digest Digest)> _listed = [];
    private readonly List<(DateTimeOffset At, int Server, string Path, Digest Digest)> _history = [];
    private readonly bool _isRestless = number % 200 < 4; // asks again before its session ends
    private IEnumerator<TimeSpan>? _update;

    public MachineKey Key { get; } = new(SHA256Of(number));

    /// <summary>How many updates it has begun.</summary>
    public int Updates { get; private set; }

    /// <summary>Does the next step of its update, or begins one.</summary>
    /// <returns>How long it rests then.</returns>
    public TimeSpan Step(SimulatedServer server)
    {
        Server = server;
        if (_update is null)
        {
            Updates++;
            _listed.Clear();
            _history.Clear();
            _update = UpdateAsItsKindDoes().GetEnumerator();
        }

        if (_update.MoveNext())
        {
            return _update.Current;
        }

        _update = null;
        return _isRestless || random.Next(6) == 0 ? TimeSpan.FromMinutes(random.Next(6, 55)) : TimeSpan.FromMinutes(random.Next(60, 900));
    }

    /// <summary>What it does is cut off: by a change that is meant to, or by a clock that jumped.</summary>
    public void Abort() => _update = null;

    private SimulatedServer Server { get; set; } = null!;

    // A few seconds to two minutes: an update is not quiet.
    private TimeSpan Soon => TimeSpan.FromSeconds(random.Next(0, 120));

    private IEnumerable<TimeSpan> UpdateAsItsKindDoes()
    {
        var reading = repository.Upstream.Format switch
        {
            Format.Opkg => ReadFeeds("Packages.gz", "Packages.sig"),
            Format.Apk => ReadFeeds("packages.adb", null),
            Format.Apt => ReadFrom("dists/stable/InRelease", all: true),
            _ => ReadFrom("repodata/repomd.xml", all: false),
        };
        return reading.Concat(Install());
    }

    private IEnumerable<TimeSpan> ReadFeeds(string index, string? signature)
    {
        foreach (var feed in SimulatedUpstream.Feeds)
        {
            var (digest, text) = Get($"{feed}/{index}");
            yield return Soon;
            if (signature is not null)
            {
                var signed = Get($"{feed}/{signature}").Text;
                Must(signed == digest.ToString(), $"{feed}/{signature} signs {signed}, the index is {digest}");
                yield return Soon;
            }

            _listed.AddRange(ListedIn(text));
        }
    }

    private IEnumerable<TimeSpan> ReadFrom(string head, bool all)
    {
        var indexes = ListedIn(Get(head).Text).ToList();
        yield return Soon;
        foreach (var (path, digest) in indexes.Take(all ? indexes.Count : 1))
        {
            _listed.AddRange(ListedIn(Get(path, digest).Text));
            yield return Soon;
        }

        _listed.AddRange(indexes.Skip(all ? indexes.Count : 1)); // read when it is needed
    }

    // At once, after a while in the same session, or from what it kept of the indexes.
    private IEnumerable<TimeSpan> Install()
    {
        foreach (var pause in new[] { TimeSpan.Zero, TimeSpan.FromMinutes(random.Next(10, 58)), TimeSpan.FromHours(random.Next(2, 10)) }.Take(_isRestless ? 1 : random.Next(1, 4)))
        {
            if (pause > TimeSpan.Zero)
            {
                yield return pause;
            }

            for (var count = random.Next(1, 5); count > 0; count--)
            {
                var (path, digest) = _listed[random.Next(_listed.Count)];
                Get(path, digest);
                yield return Soon;
            }
        }
    }

    private (Digest Digest, string Text) Get(string path, Digest? expected = null)
    {
        var found = Server.Get(repository, Key, path);
        _history.Add((Server.Clock.Now, Server.Number, path, found.Digest));
        Must(found.Digest == expected || expected is null, $"{path} is {found.Digest}, listed as {expected}");
        return found;
    }

    private void Must(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenSessionException($"Machine {number} of {repository.Name}: {otherwise}\n{string.Join('\n', _history)}");
        }
    }

    private static IEnumerable<(string Path, Digest Digest)> ListedIn(string index) =>
        index.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains(' ', StringComparison.Ordinal) && line.Length > 64).Select(line => line.Split(' ')).Select(parts => (parts[0], Digest.Parse(parts[1])));

    private static byte[] SHA256Of(int number) => System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number));
}
