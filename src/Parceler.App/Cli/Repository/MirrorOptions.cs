using System.CommandLine;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>The options of an upstream that Parceler mirrors itself.</summary>
internal sealed class MirrorOptions
{
    private static readonly MirrorKind[] s_kinds = Enum.GetValues<MirrorKind>();

    public Option<string[]> Upstream { get; } =
        new("--upstream")
        {
            HelpName = "KIND URL",
            Description = "In place of a command: mirror the upstream at URL, read by its package indexes (opkg, apk, apt, rpm) or as a plain tree (http)",
            Arity = new(2, 2),
            AllowMultipleArgumentsPerToken = true,
        };

    private readonly Option<string[]> _suites = Words("--suite", "SUITE", "apt: a suite to mirror; can be given several times");
    private readonly Option<string[]> _components = Words("--component", "COMPONENT", "apt: a component to mirror; all of the suite by default");
    private readonly Option<string[]> _architectures = Words("--arch", "ARCH", "An architecture to mirror; all by default");
    private readonly Option<string?> _proxy = new("--proxy") { HelpName = "URL", Description = "Ask upstream through this HTTP proxy; 'none' for no proxy" };

    public void AddTo(Command command)
    {
        command.Add(Upstream);
        command.Add(_suites);
        command.Add(_components);
        command.Add(_architectures);
        command.Add(_proxy);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Upstream) is [var kind, _] && !Array.Exists(s_kinds, known => MirrorSettings.Name(known) == kind))
            {
                result.AddError($"--upstream: '{kind}' is none of {string.Join(", ", s_kinds.Select(MirrorSettings.Name))}");
            }
        });
    }

    /// <summary>The upstream with what was given changed; null where there is none.</summary>
    public MirrorSettings? Apply(ParseResult parsed, MirrorSettings? to)
    {
        var before = parsed.GetValue(Upstream) is [var kind, var url] ? Of(kind, url, to) : to;
        if (before is null)
        {
            return AnyGiven(parsed) ? throw new UsageException("--suite, --component, --arch and --proxy belong to an --upstream") : null;
        }

        return before with
        {
            Suites = Given(parsed, _suites) ?? before.Suites,
            Components = Given(parsed, _components) ?? before.Components,
            Architectures = Given(parsed, _architectures) ?? before.Architectures,
            Proxy = parsed.GetValue(_proxy) is { } proxy ? (proxy == "none" ? null : proxy) : before.Proxy,
        };
    }

    public bool AnyGiven(ParseResult parsed) =>
        Given(parsed, Upstream) is not null
        || Given(parsed, _suites) is not null
        || Given(parsed, _components) is not null
        || Given(parsed, _architectures) is not null
        || parsed.GetValue(_proxy) is not null;

    // What it mirrors of another kind means nothing to this one.
    private static MirrorSettings Of(string kind, string url, MirrorSettings? before)
    {
        var known = Array.Find(s_kinds, k => MirrorSettings.Name(k) == kind);
        return before?.Kind == known ? before with { Url = url } : new(known, url, [], [], []);
    }

    private static string[]? Given(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } words ? words : null;

    private static Option<string[]> Words(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };
}
