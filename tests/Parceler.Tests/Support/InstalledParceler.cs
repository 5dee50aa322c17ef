using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Parceler.Tests.Support;

/// <summary>
/// The executable as operators run it: in a folder of its own, which also holds its storage, and with nothing of the
/// environment of the tests. Each command is a process, and so is the service.
/// </summary>
internal sealed class InstalledParceler : IDisposable
{
    public const string Machine = "site-1";
    public const string Secret = "s3cret";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private readonly TestDatabase _database = TestDatabase.Make();
    private readonly string _executable;
    private readonly List<RunningParceler> _started = [];

    /// <summary>The native executable where there is one, unless the test says which.</summary>
    public InstalledParceler(string? executable = null, string? storage = null)
    {
        _executable = executable ?? (File.Exists(Native) ? Native : Ordinary);
        Storage = storage ?? Folder["storage"];
        Address = new($"http://127.0.0.1:{FreePort.Find()}/");
        Environment = new()
        {
            ["STORAGE_PATH"] = Storage,
            ["ASPNETCORE_URLS"] = Address.ToString(),
            ["ENTERPRISE_ENDPOINT"] = "http://127.0.0.1:9/", // nobody is asked: machines are listed
            ["COMMUNITY_ENDPOINT"] = "http://127.0.0.1:9/",
        };
        foreach (var (name, value) in _database.Settings)
        {
            Environment[name] = value!;
        }
    }

    /// <summary>The one of the ordinary build, beside the tests.</summary>
    public static string Ordinary { get; } = Path.Combine(AppContext.BaseDirectory, "parceler");

    /// <summary>The one that is delivered. <c>./test</c> publishes it and says where it is.</summary>
    public static string? Native { get; } = System.Environment.GetEnvironmentVariable("PARCELER_NATIVE") is { Length: > 0 } path ? path : null;

    public TempFolder Folder { get; } = new();
    public string Storage { get; }
    public Uri Address { get; }
    public Dictionary<string, string> Environment { get; }
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a part of the service and waits until it says that it runs.</summary>
    public Task<RunningParceler> StartAsync(params string[] words) => StartAsync([], words);

    public async Task<RunningParceler> StartAsync((string Name, string Value)[] environment, params string[] words)
    {
        var running = new RunningParceler(Prepare(words, environment));
        _started.Add(running);
        try
        {
            await running.UntilStartedAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one command, or a part of the service that refuses to run.</summary>
    public async Task<Printed> RunAsync(params string[] words)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(s_limit);
        using var process = Process.Start(Prepare(words, []))!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public async Task<Printed> DoneAsync(params string[] words)
    {
        var printed = await RunAsync(words);
        printed.Status.Should().Be(0, "'{0}' printed: {1}{2}", string.Join(' ', words), printed.Error, printed.Out);
        return printed;
    }

    public Task AddMachineAsync() => DoneAsync("machine", "add", Machine, "--tier", "community", "--secret", Secret);

    public async Task<JsonElement> JobAsync(long id) => (await DoneAsync("job", "show", $"{id}", "--json")).Json;

    /// <summary>The newest job of a repository, whatever its state.</summary>
    public async Task<JsonElement> LastJobAsync() => (await DoneAsync("job", "list", "--json")).Json.EnumerateArray().MaxBy(job => job.GetProperty("id").GetInt64());

    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Add("Authorization", RawRequest.Basic(Machine, Secret));
        return client;
    }

    /// <summary>The content at a path of a repository, as the listed machine gets it; null for 404.</summary>
    public async Task<string?> ReadAsync(string repository, string path)
    {
        using var client = Client();
        using var answer = await client.GetAsync($"/repository/community/{repository}/{path}", Cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
    }

    public void Dispose()
    {
        _started.ForEach(running => running.Abandon());
        _database.Dispose();
        Folder.Dispose();
    }

    private ProcessStartInfo Prepare(string[] words, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(_executable, words)
        {
            WorkingDirectory = Folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["HOME"] = Folder.Path;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath("../../../..", typeof(object).Assembly.Location); // of no use to a native one
        foreach (var (name, value) in Environment.Select(s => (s.Key, s.Value)).Concat(environment))
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
