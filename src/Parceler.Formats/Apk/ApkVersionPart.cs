namespace Parceler.Formats.Apk;

/// <summary>Walks over the parts of a version, as src/version.c of apk-tools does. Numbers wrap at 64 bits, as there.</summary>
internal ref struct ApkVersionPart
{
    private static readonly string[] BeforeRelease = ["alpha", "beta", "pre", "rc"];
    private static readonly string[] AfterRelease = ["cvs", "svn", "git", "hg", "p"];
    private ReadOnlySpan<char> _rest;
    private ReadOnlySpan<char> _text;
    private ulong _number;
    private int _suffix;

    public ApkVersionPart(ReadOnlySpan<char> version)
    {
        _rest = version;
        TakeNumber(ApkVersionPartKind.FirstNumber);
    }

    public ApkVersionPartKind Kind { get; private set; }

    public readonly bool IsBeforeRelease => Kind == ApkVersionPartKind.Suffix && _suffix < 0;

    /// <summary>Compares two parts of the same kind.</summary>
    public readonly int CompareTo(ApkVersionPart other) => Kind switch
    {
        ApkVersionPartKind.Number when _text[0] == '0' || other._text[0] == '0' => CompareTexts(other), // as Gentoo does
        ApkVersionPartKind.FirstNumber or ApkVersionPartKind.Number or ApkVersionPartKind.SuffixNumber or ApkVersionPartKind.Revision =>
            _number.CompareTo(other._number),
        ApkVersionPartKind.Suffix => _suffix.CompareTo(other._suffix),
        _ => CompareTexts(other),
    };

    public void MoveNext()
    {
        switch (_rest)
        {
            case []: Kind = ApkVersionPartKind.End; break;
            case [>= 'a' and <= 'z', ..] when Kind <= ApkVersionPartKind.Number: Take(ApkVersionPartKind.Letter, 1); break;
            case ['.', ..] when Kind <= ApkVersionPartKind.Number: TakeNumber(ApkVersionPartKind.Number, skip: 1); break;
            case [>= '0' and <= '9', ..] when Kind <= ApkVersionPartKind.Number: TakeNumber(ApkVersionPartKind.Number); break;
            case [>= '0' and <= '9', ..] when Kind == ApkVersionPartKind.Suffix: TakeNumber(ApkVersionPartKind.SuffixNumber); break;
            case ['_', ..] when Kind <= ApkVersionPartKind.SuffixNumber: TakeSuffix(); break;
            case ['~', ..] when Kind < ApkVersionPartKind.Commit: TakeCommit(); break;
            case ['-', 'r', ..] when Kind < ApkVersionPartKind.Revision: TakeNumber(ApkVersionPartKind.Revision, skip: 2); break;
            default: Kind = ApkVersionPartKind.Invalid; break;
        }
    }

    private readonly int CompareTexts(ApkVersionPart other) => Math.Sign(_text.SequenceCompareTo(other._text));

    private void TakeSuffix()
    {
        _rest = _rest[1..];
        Take(ApkVersionPartKind.Suffix, Count(_rest, char.IsAsciiLetterLower));
        var text = _text.ToString();
        var before = Array.IndexOf(BeforeRelease, text);
        var after = Array.IndexOf(AfterRelease, text);
        _suffix = before >= 0 ? before - BeforeRelease.Length : after + 1;
        if (before < 0 && after < 0)
        {
            Kind = ApkVersionPartKind.Invalid;
        }
    }

    private void TakeCommit()
    {
        _rest = _rest[1..];
        Take(ApkVersionPartKind.Commit, Count(_rest, char.IsAsciiHexDigitLower));
        RequireText();
    }

    private void TakeNumber(ApkVersionPartKind kind, int skip = 0)
    {
        _rest = _rest[skip..];
        Take(kind, Count(_rest, char.IsAsciiDigit));
        _number = 0;
        foreach (var digit in _text)
        {
            _number = unchecked((_number * 10) + digit - '0');
        }

        RequireText();
    }

    private void Take(ApkVersionPartKind kind, int length)
    {
        Kind = kind;
        _text = _rest[..length];
        _rest = _rest[length..];
    }

    private void RequireText()
    {
        if (_text.IsEmpty)
        {
            Kind = ApkVersionPartKind.Invalid;
        }
    }

    private static int Count(ReadOnlySpan<char> text, Func<char, bool> wanted)
    {
        var count = 0;
        while (count < text.Length && wanted(text[count]))
        {
            count++;
        }

        return count;
    }
}
