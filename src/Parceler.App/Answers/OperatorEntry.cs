using Parceler.Operators;

namespace Parceler.App.Answers;

/// <summary>An operator as <c>operator list --json</c> prints it.</summary>
internal sealed record OperatorEntry(string Name, string Role, DateTimeOffset CreatedAt)
{
    public static OperatorEntry Of(Operator known) => new(known.Name.ToString(), known.Role, known.CreatedAt);
}
