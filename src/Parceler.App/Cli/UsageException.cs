namespace Parceler.App.Cli;

/// <summary>The command was not given what it needs; the message says what.</summary>
internal sealed class UsageException(string message) : Exception(message);
