namespace Parceler.App.Tls;

/// <summary>A certificate and its key can't be used. The message begins with the name of the setting.</summary>
internal sealed class TlsException(string setting, string problem) : Exception($"{setting}: {problem}");
