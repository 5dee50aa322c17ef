using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parceler.Bench;

/// <summary>
/// A fleet that comes within a minute: machines arrive evenly, each asks for its files one after the other, each of them without
/// credentials first, as routers do. Counts errors and how long answers took.
/// </summary>
/// <param name="connectionForEach">Opens a connection for each file, as a downloader that is started for each does; else one for each machine.</param>
internal sealed class NightlyStorm(Uri repository, IReadOnlyList<string> files, int machines, int requests, TimeSpan time, bool connectionForEach)
{
    private const int Slots = 100_000; // a tenth of a millisecond each
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly IPEndPoint _server = new(IPAddress.Parse(repository.Host), repository.Port);
    private readonly int[] _took = new int[Slots];
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> _errors = new();
    private long _answers;
    private long _bytes;
    private long _late;

    public async Task RunAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        var all = new List<Task>(machines);
        for (var machine = 0; machine < machines; machine++)
        {
            var due = time * ((double)machine / machines);
            if (due - TimeProvider.System.GetElapsedTime(began) is { } rest && rest > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(rest);
            }

            _late = Math.Max(_late, (long)(TimeProvider.System.GetElapsedTime(began) - due).TotalMilliseconds);
            all.Add(UpdateAsync(machine));
        }

        await Task.WhenAll(all);
        Report(TimeProvider.System.GetElapsedTime(began));
    }

    private async Task UpdateAsync(int machine)
    {
        await Task.Yield();
        var chosen = new Random(machine);
        var buffer = new byte[16 << 10];
        LoadConnection? connection = null;
        try
        {
            for (var request = 0; request < requests; request++)
            {
                var path = files[request < 2 ? request : chosen.Next(files.Count)]; // an index and its signature come first
                var began = TimeProvider.System.GetTimestamp();
                using var end = new CancellationTokenSource(s_patience);
                connection ??= await LoadConnection.OpenAsync(_server, machine, buffer, end.Token);
                Count(await connection.AskAsync(Request(path, null), end.Token), 401, began);
                began = TimeProvider.System.GetTimestamp();
                Count(await connection.AskAsync(Request(path, machine), end.Token), 200, began);
                if (connectionForEach)
                {
                    connection.Dispose();
                    connection = null;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            Fail(e.GetType().Name + " " + (e as SocketException)?.SocketErrorCode);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private byte[] Request(string path, int? machine)
    {
        var credentials = machine is { } known ? $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(CredentialsOf(known)))}\r\n" : "";
        return Encoding.ASCII.GetBytes($"GET {repository.AbsolutePath}/{path} HTTP/1.1\r\nHost: {repository.Authority}\r\nUser-Agent: Wget\r\n{credentials}\r\n");
    }

    public static string CredentialsOf(int machine) => string.Create(CultureInfo.InvariantCulture, $"{machine:x8}-4b1d-11ee-be56-0242ac120002:secret-{machine}");

    private void Count((int Status, long Bytes) answer, int expected, long began)
    {
        Interlocked.Increment(ref _answers);
        Interlocked.Add(ref _bytes, answer.Bytes);
        Interlocked.Increment(ref _took[Math.Min(Slots - 1, (int)(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds * 10))]);
        if (answer.Status != expected)
        {
            Fail($"status {answer.Status}");
        }
    }

    private void Fail(string what) => _errors.AddOrUpdate(what, 1, (_, count) => count + 1);

    private void Report(TimeSpan took)
    {
        string Percentile(double share)
        {
            long seen = 0;
            var slot = Array.FindIndex(_took, count => (seen += count) >= share * _answers);
            return string.Create(CultureInfo.InvariantCulture, $"{slot / 10.0:0.0}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"answers       {_answers} in {took.TotalSeconds:0.0} s, {_bytes >> 20} MB"));
        Console.WriteLine($"errors        {_errors.Values.Sum()} {string.Join(", ", _errors.Select(error => $"{error.Key}: {error.Value}"))}");
        Console.WriteLine($"answered in   p50 {Percentile(.5)} ms, p99 {Percentile(.99)} ms, p99.9 {Percentile(.999)} ms, longest {Percentile(1)} ms");
        Console.WriteLine($"arrivals      at most {_late} ms late");
    }
}
