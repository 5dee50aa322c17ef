using Parceler.App.Answers;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.App.Http.Api;

/// <summary>An upstream that Parceler mirrors itself.</summary>
/// <param name="Kind">opkg, apk, apt, rpm or http.</param>
internal sealed record UpstreamBody(string Kind, string Url, IReadOnlyList<string>? Suites = null, IReadOnlyList<string>? Components = null, IReadOnlyList<string>? Architectures = null, string? Proxy = null)
{
    public MirrorSettings ToSettings()
    {
        var kinds = Enum.GetValues<MirrorKind>();
        var at = Array.FindIndex(kinds, kind => MirrorSettings.Name(kind) == Kind);
        return at >= 0
            ? new(kinds[at], Url, Suites ?? [], Components ?? [], Architectures ?? [], Proxy)
            : throw new InvalidSettingException($"'{Kind}' is no kind of an upstream: {string.Join(", ", kinds.Select(MirrorSettings.Name))}");
    }
}

/// <summary>Settings of a repository. What is absent keeps its value, or has its default in a new one.</summary>
/// <param name="Command">A shell command that fills source/NAME; or an upstream.</param>
/// <param name="Source">folder, or disk: where the command writes.</param>
/// <param name="TimeLimitSeconds">0 for no limit.</param>
/// <param name="Gate">strict, warn or off.</param>
/// <param name="Sync">Whether to sync at once; a new one does unless this is false.</param>
internal sealed record RepositoryBody(
    string? Command = null,
    UpstreamBody? Upstream = null,
    string? SourceFolder = null,
    string? Source = null,
    int? Delay = null,
    bool? AllowEmpty = null,
    int? TimeLimitSeconds = null,
    string? Gate = null,
    bool? Sync = null
)
{
    /// <exception cref="InvalidSettingException"/>
    public RepositorySettings Apply(RepositorySettings to)
    {
        var mirror = Upstream is not null ? Upstream.ToSettings() : Command is null ? to.Mirror : null;
        return new(
            Command ?? (mirror is null ? to.Command : ""),
            SourceFolder ?? (mirror is null || to.Mirror is not null ? to.SourceFolder : ""),
            Delay ?? to.DelayDays,
            AllowEmpty ?? to.AllowEmpty,
            TimeLimitSeconds is { } seconds ? Limit(seconds) : to.TimeLimit
        )
        {
            Mirror = mirror,
            SourceOnDisk = Source is not null ? Source == "disk" : mirror is null && to.SourceOnDisk,
            Gate = Gate is null ? to.Gate : GateWords.Parse(Gate),
        };
    }

    /// <exception cref="RefusedException"/>
    public void RefuseWithout(StorageDisk disk)
    {
        if (Source is not (null or "folder" or "disk"))
        {
            throw new InvalidSettingException($"'{Source}' is no place of a source: folder, or disk");
        }

        if (Source == "disk")
        {
            SourceOnDisk.RefuseWithout(disk);
        }
    }

    private static TimeSpan? Limit(int seconds) =>
        seconds switch
        {
            0 => null,
            > 0 => TimeSpan.FromSeconds(seconds),
            _ => throw new InvalidSettingException($"A time limit of {seconds} s is not possible: 0 for none, or more"),
        };
}
