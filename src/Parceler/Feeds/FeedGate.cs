using Parceler.Repositories;

namespace Parceler.Feeds;

/// <summary>The gate for one feed.</summary>
internal sealed class FeedGate(GateInput input, FeedReading reading, FeedReading? previous, GateFindings findings)
{
    private readonly FoundFeed _found = reading.Found;

    public void Run(CancellationToken cancellation)
    {
        var signature = reading.Head is { } head ? new VerifyFeed(input.Tree, input.Trust, input.Now).Run(head, cancellation) : new(_found);
        findings.Sign(signature);
        if (IsUnchanged())
        {
            findings.Keep(_found);
            RemarkUnchanged(signature);
        }
        else if ((reading.Fault ?? WithoutPacked() ?? HalfWritten()) is { } fault)
        {
            findings.Fault(fault);
        }
        else
        {
            CheckSignature(signature);
            new FilesGate(input, reading, previous, findings).Run(cancellation);
            CheckOrder();
            CheckChanges(signature);
        }

        if (reading.Feed is { } feed)
        {
            Remark(feed);
        }
    }

    /// <summary>The same head, indexes and packages as in the last snapshot: what was let in then does not hold up the others now.</summary>
    private bool IsUnchanged() =>
        previous is not null
        && input.Previous is { } tree
        && reading.IsAsIn(tree)
        && (reading.Feed?.Packages.All(package => tree.Find(package.Path) == input.Tree.Find(package.Path)) ?? true)
        && (reading.Head?.Indexes.All(index => tree.Find(index.Path) == input.Tree.Find(index.Path)) ?? true);

    // routers ask for Packages.gz; and by an older Packages in its place, of which no digest was ever seen, somebody could go back
    private FeedFault? WithoutPacked() =>
        _found.Format == FeedFormat.Opkg && previous?.Found.Head is { } head && head.EndsWith(".gz", StringComparison.Ordinal) && input.Tree.Find(head) is null
            ? new(_found, null, $"'{head}' is missing, which the last snapshot had", MayWait: true)
            : null;

    // while Packages and Packages.gz are of two states, the signature can fit one of them at most
    private FeedFault? HalfWritten()
    {
        try
        {
            return _found.Format != FeedFormat.Opkg || OpkgFeedReader.AreSame(input.Tree, _found, FeedLimits.Default)
                ? null
                : new(_found, null, "Packages and Packages.gz are not of the same content", MayWait: true);
        }
        catch (InvalidDataException e)
        {
            return new(_found, null, $"'{_found.Head}' can't be read: {FeedPath.Shown(e.Message)}", MayWait: true);
        }
    }

    private void RemarkUnchanged(FeedSignature signature)
    {
        if ((reading.Fault?.Reason ?? signature.Refusal) is { } reason)
        {
            findings.Warn(_found, null, $"{reason}; it is as it was in the last snapshot");
        }
    }

    private void CheckSignature(FeedSignature signature)
    {
        if (signature.Refusal is { } refusal)
        {
            findings.Fault(_found, null, refusal, mayWait: signature.IsMissing);
        }

        if (signature.Warning is { } warning)
        {
            findings.Warn(_found, null, warning);
        }

        if (input.Trust.Count == 0 && previous?.Head?.Signatures.Count > 0 && reading.Head?.Signatures.Count == 0)
        {
            findings.Warn(_found, null, "it had a signature in the last snapshot, and has none any more");
        }
    }

    private void CheckOrder()
    {
        if (Rollback() is not { } rollback)
        {
            return;
        }

        if (input.AcceptsRollback)
        {
            findings.Note(_found, null, $"{rollback}: accepted");
        }
        else
        {
            findings.Fault(_found, null, $"{rollback}: upstream went back, or somebody serves an old state. If that is right: sync --accept-rollback", mayWait: false);
        }
    }

    private string? Rollback()
    {
        if (previous?.Head is not { } before || reading.Head is not { } head || input.Previous?.Find(previous.Found.Head) is not { } last || input.Tree.Find(_found.Head) is not { } now)
        {
            return null;
        }

        return head.SignedAt is { } made && before.SignedAt is { } madeBefore
            ? made < madeBefore ? $"it was made at {FeedValidity.Time(made)}, that of the last snapshot at {FeedValidity.Time(madeBefore)}" : null
            : now.Digest != last.Digest && input.Seen[_found.Head].Contains(now.Digest) ? "its index is an earlier one, not the newest" : null;
    }

    private void CheckChanges(FeedSignature signature)
    {
        if (reading.Feed is not { } feed || previous?.Feed is not { } before || input.Previous is not { } tree)
        {
            return;
        }

        foreach (var change in new PackageDiff(_found, tree, input.Tree).Between(before, feed))
        {
            if (change.Kind == PackageChangeKind.Rebuilt)
            {
                findings.Alarm(_found, change.After, $"the same version as in the last snapshot, but other bytes; {(signature.IsSigned ? $"signed by {signature.Key}" : "not signed by a trusted key")}");
            }
            else if (change.Kind == PackageChangeKind.Downgraded)
            {
                findings.Note(_found, change.After, $"a step back from {change.Before!.Version}");
            }
        }
    }

    private void Remark(Feed feed)
    {
        if (input.Trust.Count == 0)
        {
            findings.Warn(_found, null, "unsigned: the repository has no trusted keys");
        }

        if (FeedValidity.WarningOf(feed.Head.ValidUntil, input.Now, input.Now + input.Delay) is { } warning)
        {
            findings.Warn(_found, null, warning);
        }

        foreach (var remark in feed.Remarks)
        {
            findings.Warn(_found, null, remark);
        }
    }
}
