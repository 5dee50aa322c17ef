using Parceler.App.Answers;

namespace Parceler.App.Cli;

/// <summary>A repository as <c>repository show</c> prints it for people.</summary>
internal static class DetailsListing
{
    public static Listing ToListing(this RepositoryDetails details)
    {
        var listing = new Listing("What", "Value");
        listing.Add("Name", details.Name);
        listing.Add("Delay", $"{details.Delay}");
        listing.Add("Upstream", details.Proxy is null ? details.Upstream : $"{details.Upstream} through {details.Proxy}");
        listing.Add("Gate", details.Gate);
        listing.Add("Trusted keys", details.Trust.Count == 0 ? "none: signatures are not looked at" : string.Join(", ", details.Trust));
        listing.Add("Source", details.Source);
        listing.Add("Source folder", details.SourceFolder);
        listing.Add("Allow empty", details.AllowEmpty ? "yes" : "no");
        listing.Add("Time limit", details.TimeLimitSeconds is { } seconds ? $"{seconds} s" : null);
        listing.Add("Created", Listing.Time(details.CreatedAt));
        listing.Add("Frozen at", details.FrozenSince is { } since ? $"{details.FrozenSnapshot} since {Listing.Time(since)}" : details.FrozenSnapshot);
        listing.Add("Released from", details.ReleaseMark);
        listing.Add("Served snapshot", details.ServedSnapshot);
        listing.Add("Why", details.ServedReason);
        listing.Add("Until", Listing.Time(details.ServedUntil));
        listing.Add("Snapshots", $"{details.Snapshots}");
        listing.Add("Last sync", details.LastSync?.ToString());
        foreach (var feed in details.Feeds)
        {
            listing.Add("Feed", $"{feed.Format} {feed.Name}: {feed.Packages} packages, {(feed.SignedBy is { } key ? $"signed by {key}" : "unsigned")}");
        }

        foreach (var warning in details.FeedWarnings)
        {
            listing.Add("Warning", warning);
        }

        foreach (var fault in details.LetThrough)
        {
            listing.Add("Let through", fault);
        }

        return listing;
    }
}
