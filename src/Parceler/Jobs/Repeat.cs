using Microsoft.Extensions.Logging;

namespace Parceler.Jobs;

/// <summary>Does something again and again until cancelled. A failure is logged and does not end it.</summary>
internal static partial class Repeat
{
    public static async Task EveryAsync(TimeSpan period, Func<CancellationToken, Task> act, TimeProvider clock, ILogger log, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(period, clock, cancellation);
                await act(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(log, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Work in the background failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception e);
}
