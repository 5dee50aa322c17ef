using System.Text.Json;

namespace Parceler.Tests.Support;

/// <summary>What a command printed, and its exit status.</summary>
internal sealed record Printed(int Status, string Out, string Error)
{
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;
}
