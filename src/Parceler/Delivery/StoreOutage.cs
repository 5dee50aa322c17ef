using Microsoft.Extensions.Logging;

namespace Parceler.Delivery;

/// <summary>Says once in the log that the store fails, and once that it is back, however many machines ask meanwhile.</summary>
internal sealed partial class StoreOutage(ILogger<StoreOutage> log)
{
    private int _isOn;

    public void Begins(Exception failure)
    {
        if (Interlocked.Exchange(ref _isOn, 1) == 0)
        {
            Began(log, failure.Message);
        }
    }

    public void IsOver()
    {
        if (Volatile.Read(ref _isOn) == 1 && Interlocked.Exchange(ref _isOn, 0) == 1)
        {
            Ended(log);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store gives no files; machines get what is cached here, and 503 for the rest: {Problem}")]
    private static partial void Began(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store gives files again")]
    private static partial void Ended(ILogger log);
}
