using Microsoft.Extensions.Logging;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>Does something again and again until cancelled. A failure does not end it; it is logged when it begins.</summary>
internal static partial class Repeat
{
    public static async Task EveryAsync(TimeSpan period, Func<CancellationToken, Task> act, TimeProvider clock, ILogger log, CancellationToken cancellation)
    {
        string? failure = null;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(period, clock, cancellation);
                await act(cancellation);
                failure = null;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e.Message != failure && e is not DatabaseException { IsOutage: true })
                {
                    Failed(log, e);
                }

                failure = e.Message;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Work in the background failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception e);
}
