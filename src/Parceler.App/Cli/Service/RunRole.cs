using System.CommandLine;

namespace Parceler.App.Cli;

/// <summary>Runs the service, or a part of it, until it is told to end.</summary>
internal sealed class RunRole : CliCommand
{
    private readonly Role _role;
    private readonly Option<string?> _urls = new("--urls") { HelpName = "URLS", Description = "Addresses to listen on, e.g. http://0.0.0.0:8080; several with ';' between" };
    private readonly Option<bool> _force = new("--force") { Description = "Run jobs also during maintenance" };

    public RunRole(CliContext context, Role role, string description, string options)
        : base(context, NameOf(role), description, $"parceler {NameOf(role)} {options}".TrimEnd())
    {
        _role = role;
        if (role is Role.Serve or Role.Web)
        {
            Add(_urls);
        }

        if (role is Role.Serve or Role.Worker)
        {
            Add(_force);
        }
    }

    protected override bool IsForUser => false;

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var urls = Options.Contains(_urls) ? parsed.GetValue(_urls) : null;
        return Context.RunRole(_role, urls, Options.Contains(_force) && parsed.GetValue(_force), cancellation);
    }

    private static string NameOf(Role role) =>
        role switch
        {
            Role.Serve => "serve",
            Role.Web => "web",
            Role.Worker => "worker",
            _ => "scheduler",
        };
}
