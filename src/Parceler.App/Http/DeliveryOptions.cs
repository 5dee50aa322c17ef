namespace Parceler.App.Http;

/// <summary>How files are delivered.</summary>
/// <param name="DeniedIs401">For fleets whose clients know no 403.</param>
/// <param name="XAccel">An nginx in front sends the large files.</param>
/// <param name="Log">One line for each download.</param>
internal sealed record DeliveryOptions(bool DeniedIs401, bool XAccel, bool Log);
