namespace Parceler.App.Configuration;

/// <summary>The configuration has faults; the message lists all of them, by name.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception($"The configuration has {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}:\n" + string.Join('\n', faults.Select(fault => $"  {fault}")))
{
    public IReadOnlyList<string> Faults => faults;
}
