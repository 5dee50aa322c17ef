namespace Parceler.Fuzz;

/// <summary>A reader broke a promise other than by an exception: it took too long, too much memory, or contradicts itself.</summary>
public sealed class FuzzFaultException(string message) : Exception(message)
{
    /// <summary>Throws unless what has to hold of anything that is read does hold.</summary>
    internal static void Unless(bool holds, string promise)
    {
        if (!holds)
        {
            throw new FuzzFaultException($"This does not hold: {promise}");
        }
    }
}
