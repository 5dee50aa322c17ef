using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Cli;
using Parceler.Jobs;
using Parceler.Tests.Support;

namespace Parceler.Tests.Cli;

/// <summary>Runs commands as scripts do, with nobody at a keyboard, on a storage of the test's own.</summary>
internal sealed class TestCommands : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly TestDatabase _database = TestDatabase.Make();

    public Dictionary<string, string?> Settings { get; } = [];

    public List<(Role Role, string? Urls, bool Force)> Roles { get; } = [];

    public string Input { get; set; } = "";

    /// <summary>Whether people read the output, and see progress.</summary>
    public bool OnTerminal { get; set; }

    public string Storage => _folder["storage"];

    public TempFolder Folder => _folder;

    public CliContext Context(TextWriter output, TextWriter error) =>
        new()
        {
            Out = output,
            Error = error,
            In = new StringReader(Input),
            OutIsTerminal = OnTerminal,
            ErrorIsTerminal = OnTerminal,
            Overrides = Overrides(),
            RunRole = (role, urls, force, _) =>
            {
                Roles.Add((role, urls, force));
                return Task.FromResult(0);
            },
        };

    private Dictionary<string, string?> Overrides()
    {
        var overrides = new Dictionary<string, string?>(Settings) { ["STORAGE_PATH"] = Storage, ["DB_DATABASE"] = null };
        foreach (var (name, value) in _database.Settings)
        {
            overrides[name] = value;
        }

        return overrides;
    }

    public async Task<Printed> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync(args, Context(output, error), TestContext.Current.CancellationToken);
        return new(status, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public async Task<Printed> DoneAsync(params string[] args)
    {
        var printed = await RunAsync(args);
        printed.Status.Should().Be(ExitCodes.Done, "{0} printed: {1}", string.Join(' ', args), printed.Error);
        return printed;
    }

    /// <summary>Runs the jobs that are due, as a worker would.</summary>
    public async Task WorkAsync()
    {
        await using var services = await Context(TextWriter.Null, TextWriter.Null).OpenAsync(TestContext.Current.CancellationToken);
        await services.GetRequiredService<Worker>().RunDueAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A worker that runs until it is disposed.</summary>
    public async Task<IAsyncDisposable> StartWorkerAsync()
    {
        var services = await Context(TextWriter.Null, TextWriter.Null).OpenAsync(TestContext.Current.CancellationToken);
        return new TestWorker(services);
    }

    /// <summary>Creates a repository whose command writes these files, and syncs it.</summary>
    public async Task CreateSyncedAsync(string name, params string[] files)
    {
        var write = string.Join("; ", files.Select(file => $"mkdir -p $(dirname source/{name}/{file}); echo {file} > source/{name}/{file}"));
        await DoneAsync("repository", "create", name, "--command", write);
        await WorkAsync();
    }

    /// <summary>Syncs a repository once more.</summary>
    public async Task SyncAsync(string name)
    {
        await DoneAsync("repository", "sync", name);
        await WorkAsync();
    }

    /// <summary>Changes the database past all commands.</summary>
    public async Task SqlAsync(string sql)
    {
        await using var services = await Context(TextWriter.Null, TextWriter.Null).OpenAsync(TestContext.Current.CancellationToken);
        await services.GetRequiredService<Parceler.Database.ParcelerDb>().WriteAsync(session => session.ExecuteAsync(sql), TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A worker as <c>parceler worker</c> runs it.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ServiceProvider _services;
    private readonly Task _running;

    public TestWorker(ServiceProvider services)
    {
        _services = services;
        _running = Task.WhenAll(
            services.GetRequiredService<Worker>().RunAsync(1, _end.Token),
            services.GetRequiredService<Parceler.Database.ChangeFeed>().RunAsync(_end.Token)
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _services.DisposeAsync();
        _end.Dispose();
    }
}
