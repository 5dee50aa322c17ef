using Amazon.S3.Model;

namespace Parceler.Storage.S3;

/// <summary>
/// The bytes of an object while they come. When the connection breaks or falls silent, the rest is asked for again, of the same
/// object: what was read is whole, or reading fails.
/// </summary>
internal sealed class S3ReadStream(S3Bucket bucket, string key, GetObjectResponse first) : Stream
{
    private const int MostBreaks = 4;
    private readonly string _tag = first.ETag;
    private readonly long _length = first.ContentLength;
    private GetObjectResponse? _answer = first;
    private long _position;
    private int _breaks;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                _answer ??= await AgainAsync(cancellationToken);
                return await ReadOnceAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (S3Exception.IsOfStore(e) && !cancellationToken.IsCancellationRequested)
            {
                _answer?.Dispose();
                _answer = null;
                await WaitAsync(e, cancellationToken);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The library of the store knows no reading that blocks. Who reads so has a thread to wait on.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _answer?.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await _answer!.ResponseStream.ReadAsync(buffer, cancellation);
        if (read == 0 && buffer.Length > 0 && _position < _length)
        {
            throw new EndOfStreamException($"it ended after {_position} of {_length} bytes");
        }

        _position += read;
        return read;
    }

    private async Task<GetObjectResponse> AgainAsync(CancellationToken cancellation)
    {
        var answer = await bucket.GetAsync(key, _position, _tag, cancellation) ?? throw new ChangedObjectException(key);
        if (_position + answer.ContentLength != _length)
        {
            answer.Dispose();
            throw new ChangedObjectException(key); // the store did not give the part that was asked for
        }

        return answer;
    }

    private async Task WaitAsync(Exception e, CancellationToken cancellation)
    {
        if (++_breaks > MostBreaks)
        {
            await bucket.GuardAsync<int>(key, "read to its end", () => Task.FromException<int>(e), cancellation);
        }

        var wait = TimeSpan.FromMilliseconds(100 * Math.Pow(2, _breaks) * (0.5 + Random.Shared.NextDouble()));
        await Task.Delay(wait, TimeProvider.System, cancellation); // the store lives in real time
    }
}
