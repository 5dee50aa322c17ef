namespace Parceler.Repositories;

/// <summary>The request can't be carried out as things are; the message names the subject and the way out. Nothing was changed.</summary>
internal class RefusedException(string message) : Exception(message);

/// <summary>A setting of a repository can't have this value, whatever the state of things.</summary>
internal sealed class InvalidSettingException(string message) : RefusedException(message);

/// <summary>What the request is about does not exist.</summary>
internal class AbsentException(string message) : RefusedException(message);

/// <summary>There is no repository of this name.</summary>
internal sealed class UnknownRepositoryException(RepositoryName name)
    : AbsentException($"There is no repository '{name}'. See the existing ones with: parceler repository list");

/// <summary>The name is taken.</summary>
internal sealed class RepositoryExistsException(RepositoryName name)
    : RefusedException($"There is a repository '{name}' already. Change it with: parceler repository edit {name}");
