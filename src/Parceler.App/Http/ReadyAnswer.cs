using Parceler.Database;

namespace Parceler.App.Http;

/// <summary>
/// Whether this server is up to date, beside <c>/up</c>, which only says that it is alive: a node that lost the database goes on serving what
/// it knows, but does not hear of a freeze any more.
/// </summary>
internal sealed class ReadyAnswer(ChangeFeed feed, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan s_mostSilence = TimeSpan.FromSeconds(15); // three looks

    public IResult Tell() => Problem() is { } problem ? TypedResults.Text($"not ready: {problem}\n", statusCode: StatusCodes.Status503ServiceUnavailable) : TypedResults.Text("ready\n");

    /// <summary>Null when it is.</summary>
    public string? Problem() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "it is being stopped"
        : feed.LookedAt is not { } looked ? "it has not asked the database yet"
        : clock.GetUtcNow() - looked > s_mostSilence ? $"the database has not answered for {(long)(clock.GetUtcNow() - looked).TotalSeconds} s"
        : null;
}
