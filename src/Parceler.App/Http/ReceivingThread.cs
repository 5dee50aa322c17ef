using System.Runtime.CompilerServices;

namespace Parceler.App.Http;

/// <summary>The thread that received a request must wait for no disk and no database: the requests of others wait on it (docs/decisions/0007).</summary>
internal static class ReceivingThread
{
    /// <summary>Awaited, what follows runs on another thread.</summary>
    public static ConfiguredTaskAwaitable Leave() => Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}
