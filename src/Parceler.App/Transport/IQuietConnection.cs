namespace Parceler.App.Transport;

/// <summary>A connection that can tell for how long nothing went over it.</summary>
internal interface IQuietConnection
{
    /// <summary>In either direction, as the kernel knows; null where it does not tell, as of a socket in a folder.</summary>
    TimeSpan? QuietFor();
}
