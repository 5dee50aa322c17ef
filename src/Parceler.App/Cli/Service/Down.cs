using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Delivery;

namespace Parceler.App.Cli;

internal sealed class Down : CliCommand
{
    private readonly Option<int?> _retry = new("--retry") { HelpName = "SECONDS", Description = $"What clients are told to wait; {MaintenanceRules.UsualRetry} by default", CustomParser = Inputs.Number(0) };
    private readonly Option<string?> _secret = new("--secret") { HelpName = "SECRET", Description = "Whoever opens /SECRET, or sends it as X-Parceler-Bypass, is served all the same" };
    private readonly Option<string?> _redirect = new("--redirect") { HelpName = "URL", Description = "Where requests outside /repository are sent" };
    private readonly Option<string?> _message = new("--message") { HelpName = "TEXT", Description = "What people are told" };

    public Down(CliContext context)
        : base(context, "down", "Begins maintenance: requests get 503, and jobs wait", "parceler down --retry 300 --secret let-me-in")
    {
        Add(_retry);
        Add(_secret);
        Add(_redirect);
        Add(_message);
        Validators.Add(result =>
        {
            if (result.GetValue(_secret) is { } secret && !MaintenanceRules.IsSegment(secret))
            {
                result.AddError($"--secret: {MaintenanceRules.Secret}");
            }

            if (result.GetValue(_redirect) is { } url && !MaintenanceRules.IsAddress(url))
            {
                result.AddError($"--redirect: {MaintenanceRules.Redirect}");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var maintenance = new Maintenance(
            parsed.GetValue(_retry) ?? MaintenanceRules.UsualRetry,
            parsed.GetValue(_secret),
            parsed.GetValue(_redirect),
            parsed.GetValue(_message),
            Context.Clock.GetUtcNow()
        );
        await services.GetRequiredService<MaintenanceMode>().BeginAsync(maintenance, cancellation);
        Context.Say("The service is down for maintenance. To end it: parceler up");
        return ExitCodes.Done;
    }
}
