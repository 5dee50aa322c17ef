namespace Parceler.Netify;

/// <summary>What is to be done about the licence of a label.</summary>
internal enum LicenceStep
{
    /// <summary>It is good for now.</summary>
    Keep,

    /// <summary>There is none.</summary>
    Create,

    /// <summary>It is not good for all that it should be: another one takes its place.</summary>
    Recreate,

    /// <summary>It ends soon, or has ended.</summary>
    Renew,
}

/// <summary>When licences are made and renewed. Pure; days are those of UTC.</summary>
internal static class LicenceRule
{
    public const int Days = 7;
    private const int RenewDaysBefore = 3;

    public static LicenceStep Next(NetifyLicence? licence, DateTimeOffset now) =>
        licence is null ? LicenceStep.Create
        : !licence.HasEntitlements ? LicenceStep.Recreate
        : licence.Ends.AddDays(-RenewDaysBefore) <= NetifyLicence.StartOfDay(now) ? LicenceStep.Renew
        : LicenceStep.Keep;

    /// <summary>The day that a renewed one ends on.</summary>
    public static DateTimeOffset RenewedUntil(DateTimeOffset now) => NetifyLicence.StartOfDay(now).AddDays(Days - 1);

    /// <summary>Which one of several counts: the one that holds longest.</summary>
    public static NetifyLicence? Of(string label, IEnumerable<NetifyLicence> licences) =>
        licences.Where(licence => licence.Label == label).OrderByDescending(licence => licence.HasEntitlements).ThenByDescending(licence => licence.Ends).FirstOrDefault();
}
