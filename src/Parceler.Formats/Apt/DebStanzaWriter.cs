namespace Parceler.Formats.Apt;

/// <summary>
/// Writes stanzas with a blank line after each, as Packages has them: what was read from such a file is written as the same bytes.
/// Closing it writes what it still holds and leaves the output open.
/// </summary>
public sealed class DebStanzaWriter(Stream output) : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 17];
    private int _length;

    public void Write(DebStanza stanza)
    {
        var text = stanza.Text.Span;
        if (text.Length >= _buffer.Length - _length)
        {
            Flush();
        }

        if (text.Length >= _buffer.Length)
        {
            output.Write(text);
        }
        else
        {
            text.CopyTo(_buffer.AsSpan(_length));
            _length += text.Length;
        }

        _buffer[_length++] = (byte)'\n';
    }

    public void Dispose() => Flush();

    private void Flush()
    {
        output.Write(_buffer, 0, _length);
        _length = 0;
    }
}
