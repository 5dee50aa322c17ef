namespace Parceler.Audit;

/// <summary>Who asks for a change, and from which address; that is null at a keyboard.</summary>
internal sealed record Actor(string Name, string? Address);

/// <summary>
/// What is being done, on whose behalf. The edge that takes a request says so once; whoever writes the change, however deep below,
/// notes it in the same transaction. What nobody asked for (the schedule, retention) has none, and is no entry of the audit log.
/// </summary>
internal sealed record AuditedAction(Actor Actor, string What, TimeProvider Clock)
{
    private static readonly AsyncLocal<AuditedAction?> s_current = new();

    public static AuditedAction? Current => s_current.Value;

    /// <summary>Holds for the rest of the calling method and all that it calls.</summary>
    public void Begin() => s_current.Value = this;
}
