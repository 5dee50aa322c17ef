namespace Parceler.Formats.Archives;

/// <summary>One member of an ar archive; its content is to be read before the next member is.</summary>
internal sealed record ArMember(string Name, long Size, ArMemberStream Content);
