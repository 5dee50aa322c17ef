using System.Globalization;
using System.Security.Cryptography;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>A machine saw two snapshots in one update, or a file was not there that an index names.</summary>
internal sealed class BrokenSessionException(string what) : Exception(what);

/// <summary>
/// A machine that updates and installs as its package manager does: the indexes in order, then packages one by one, now or hours
/// later from the indexes that it kept.
/// </summary>
internal abstract class SimulatedMachine(int number, SimulatedRepository repository, SimulatedTime time, SimulatedHistory history, Random random)
{
    private static readonly TimeSpan s_keeps = TimeSpan.FromHours(5); // and an installation takes up to six: less than the grace period
    private static readonly TimeSpan s_never = TimeSpan.FromDays(-1);
    private readonly List<string> _log = [];
    private readonly bool _isRestless = number % 12 == 0; // asks again before its session ends
    private List<Listed> _installable = [];
    private IEnumerator<TimeSpan>? _running;
    private SimulatedServer? _server;

    public SimulatedRepository Repository => repository;

    public MachineKey Key { get; } = new(SHA256.HashData(BitConverter.GetBytes(number)));

    /// <summary>How many updates it has begun.</summary>
    public int Updates { get; private set; }

    protected Random Random => random;

    protected int Number => number;

    protected SimulatedHistory History => history;

    /// <summary>When it read the indexes from which it installs.</summary>
    protected TimeSpan ReadAt { get; private set; } = s_never;

    // An update is not quiet: mostly the next request follows at once.
    protected TimeSpan Soon => TimeSpan.FromMilliseconds(random.Next(3) < 2 ? random.Next(5, 3_000) : random.Next(120_000));

    /// <summary>Does the next step, or begins anew. At any server.</summary>
    /// <returns>How long it rests then.</returns>
    public TimeSpan Step(SimulatedServer server)
    {
        _server = server;
        _running ??= Run().GetEnumerator();
        if (random.Next(600) == 0)
        {
            _running = null; // somebody pulled the plug
            LoseWhatWasBegun();
            return TimeSpan.FromMinutes(random.Next(1, 30));
        }

        if (_running.MoveNext())
        {
            return _running.Current;
        }

        _running = null;
        return TimeSpan.FromMinutes(_isRestless || random.Next(6) == 0 ? random.Next(6, 55) : random.Next(60, 700));
    }

    /// <summary>A change that is meant to cut it off, or a clock that jumped: it begins anew, and what it kept is worth nothing.</summary>
    public void Abort()
    {
        _running = null;
        _installable = [];
        ReadAt = s_never;
    }

    /// <summary>Reads the indexes, or what is new of them, and says what they list.</summary>
    protected abstract IEnumerable<TimeSpan> Update(List<Listed> lists);

    /// <summary>Whether it installs without an update from what it kept.</summary>
    protected virtual bool KeepsLists => false;

    /// <summary>What an update leaves that does not come to its end.</summary>
    protected virtual void LoseWhatWasBegun() => Abort();

    protected DeliveredFile Get(string path)
    {
        var found = _server!.Get(repository, Key, path);
        history.Answered(number, _server.Number, found.File.Digest);
        _log.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Passed:d\\.hh\\:mm\\:ss\\.fff} server {_server.Number} {path} {found.File.Digest.ToString()[..8]} of {found.LastModified:dd HH:mm:ss}"));
        return found;
    }

    protected DeliveredFile Get(Listed file)
    {
        var found = Get(file.Path);
        Must(found.File.Digest == file.Digest, $"{file.Path} is {found.File.Digest}, listed as {file.Digest}");
        return found;
    }

    protected static void Must(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenSessionException(otherwise);
        }
    }

    /// <summary>What it did lately, for who looks into a failure.</summary>
    public string Describe() => $"machine {number} of {repository.Name}\n{string.Join('\n', _log)}";

    private IEnumerable<TimeSpan> Run()
    {
        if (!KeepsLists || time.Passed - ReadAt > s_keeps || random.Next(3) == 0)
        {
            _log.Clear();
            Updates++;
            var lists = new List<Listed>();
            foreach (var pause in Update(lists))
            {
                yield return pause;
            }

            _installable = lists;
            ReadAt = time.Passed;
        }

        foreach (var pause in Install())
        {
            yield return pause;
        }
    }

    // At once, after a while in the same session, or hours later.
    private IEnumerable<TimeSpan> Install()
    {
        TimeSpan[] pauses = [TimeSpan.Zero, TimeSpan.FromMinutes(random.Next(10, 57)), TimeSpan.FromHours(random.Next(2, 6))];
        foreach (var pause in pauses.Take(_isRestless ? 1 : random.Next(1, 4)))
        {
            if (pause > TimeSpan.Zero)
            {
                yield return pause;
            }

            for (var count = random.Next(1, 5); count > 0; count--)
            {
                Get(_installable[random.Next(_installable.Count)]);
                yield return Soon;
            }
        }
    }
}
