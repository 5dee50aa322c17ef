namespace Parceler.Delivery;

/// <summary>When a session started and when it was last renewed, in milliseconds of the Unix epoch.</summary>
internal readonly record struct LeaseSpan(long StartedAt, long RenewedAt);
