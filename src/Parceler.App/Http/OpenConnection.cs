using System.Net;
using Microsoft.AspNetCore.Connections;
using Parceler.App.Transport;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>One open connection, as far as it matters who has to give way.</summary>
internal sealed class OpenConnection(ConnectionContext connection)
{
    private readonly long _since = TimeProvider.System.GetTimestamp();

    public AddressBlock From { get; } = AddressBlock.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);

    /// <summary>It came when there were as many as may be.</summary>
    public bool IsExcess { get; set; }

    /// <summary>For how long nothing went over it, in either direction; where the kernel does not tell, since it is open.</summary>
    public TimeSpan Idle() => connection.Features.Get<IQuietConnection>()?.QuietFor() ?? TimeProvider.System.GetElapsedTime(_since);

    public void Close() => connection.Abort();
}
