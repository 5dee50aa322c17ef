using System.Buffers.Binary;

namespace Parceler.Storage.S3;

/// <summary>
/// Finds out which of many blobs the bucket has, with few requests: it lists keys in order, which is the order of digests, so one
/// page answers for all digests that fall into it. Where a page would answer for one alone, that one is asked for itself.
/// </summary>
internal sealed class S3Presence(S3Bucket bucket)
{
    private const int RangeSize = 25_000; // of this many and more, several ranges are looked through at once
    private ParallelOptions Options => new() { MaxDegreeOfParallelism = bucket.Settings.Connections };

    /// <param name="wanted">Sorted by digest, each once.</param>
    public async Task<HashSet<Digest>> MissingAsync((Digest Digest, long Size)[] wanted, CancellationToken cancellation)
    {
        var missing = new HashSet<Digest>();
        var options = Options;
        options.CancellationToken = cancellation;
        var ranges = Enumerable.Range(0, (wanted.Length + RangeSize - 1) / RangeSize);
        await Parallel.ForEachAsync(ranges, options, async (range, stop) =>
        {
            var search = new Search(bucket, wanted.AsMemory(range * RangeSize, Math.Min(RangeSize, wanted.Length - (range * RangeSize))));
            await search.RunAsync(stop);
            lock (missing)
            {
                missing.UnionWith(search.Missing);
            }

            await AskAsync(search.Lonely, missing, stop);
        });
        return missing;
    }

    private async Task AskAsync(List<(Digest Digest, long Size)> lonely, HashSet<Digest> missing, CancellationToken cancellation)
    {
        var options = Options;
        options.CancellationToken = cancellation;
        await Parallel.ForEachAsync(lonely, options, async (blob, stop) =>
        {
            if (await bucket.HeadAsync(StorageKeys.Blob(blob.Digest), stop) is not { } found || found.Size != blob.Size)
            {
                lock (missing)
                {
                    missing.Add(blob.Digest);
                }
            }
        });
    }

    private sealed class Search(S3Bucket bucket, ReadOnlyMemory<(Digest Digest, long Size)> wanted)
    {
        private int _at;
        private ulong? _pageSpan; // how far apart the first and the last digest of a page are

        public List<Digest> Missing { get; } = [];

        /// <summary>To be asked for one by one.</summary>
        public List<(Digest Digest, long Size)> Lonely { get; } = [];

        public async Task RunAsync(CancellationToken cancellation)
        {
            while (_at < wanted.Length)
            {
                if (IsLonely())
                {
                    Lonely.Add(wanted.Span[_at++]);
                    continue;
                }

                var justBefore = StorageKeys.Blob(wanted.Span[_at].Digest)[..^1];
                Merge(await bucket.PageAsync(StorageKeys.Blobs, justBefore, S3Bucket.PageSize, cancellation));
            }
        }

        private bool IsLonely() =>
            _at + 1 == wanted.Length
            || (_pageSpan is { } span ? PlaceOf(wanted.Span[_at + 1].Digest) - PlaceOf(wanted.Span[_at].Digest) > span : wanted.Length <= 2);

        private void Merge(S3Page page)
        {
            Digest? first = null;
            Digest last = default;
            foreach (var stored in page.Objects)
            {
                if (!Digest.TryParse(Path.GetFileName(stored.Key), null, out last))
                {
                    continue; // an operator's own
                }

                first ??= last;
                PassOver(last);
                if (_at < wanted.Length && wanted.Span[_at].Digest == last)
                {
                    if (wanted.Span[_at].Size != stored.Size)
                    {
                        Missing.Add(last);
                    }

                    _at++;
                }
            }

            if (page.IsLast)
            {
                PassOver(null);
            }
            else
            {
                _pageSpan = PlaceOf(last) - PlaceOf(first ?? last);
            }
        }

        // Whatever comes before the next one in the store is not there.
        private void PassOver(Digest? next)
        {
            while (_at < wanted.Length && (next is not { } there || wanted.Span[_at].Digest.AsSpan().SequenceCompareTo(there.AsSpan()) < 0))
            {
                Missing.Add(wanted.Span[_at++].Digest);
            }
        }

        private static ulong PlaceOf(Digest digest) => BinaryPrimitives.ReadUInt64BigEndian(digest.AsSpan());
    }
}
