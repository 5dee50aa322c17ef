using Parceler.Audit;
using Parceler.Entitlements;

namespace Parceler.Operators;

/// <summary>What came of trying to sign in.</summary>
internal abstract record SignInOutcome
{
    /// <param name="Secret">For the cookie.</param>
    internal sealed record Signed(Operator Operator, string Secret) : SignInOutcome;

    /// <summary>Name or password is wrong: which of them is nobody's business.</summary>
    internal sealed record Wrong : SignInOutcome;

    internal sealed record TooMany : SignInOutcome;
}

/// <summary>Looks at a name and a password, and begins a session.</summary>
internal sealed class SignIn(OperatorCatalog operators, OperatorSessions sessions, SignInGuesses guesses, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2)); // downloads need the rest of the processors

    /// <param name="previous">What the cookie of the browser held until now.</param>
    public async Task<SignInOutcome> RunAsync(AccountName name, string password, string? previous, AddressBlock from, CancellationToken cancellation)
    {
        var address = $"{from.Family} {from.Network:x}";
        var known = await sessions.KnowsAsync(name, address, cancellation);
        if (!guesses.TryEnter(name, from, known) || !await _places.WaitAsync(s_patience, cancellation))
        {
            return new SignInOutcome.TooMany();
        }

        try
        {
            var found = await operators.FindAsync(name, cancellation);
            var fits = await Task.Run(() => (found?.Password ?? PasswordHash.OfNobody).Fits(password), cancellation);
            if (found is null || !fits)
            {
                return new SignInOutcome.Wrong();
            }

            new AuditedAction(new(name.ToString(), AuditedAction.Current?.Actor.Address), "session.begin", clock).Begin();
            return new SignInOutcome.Signed(found, await sessions.BeginAsync(found, previous, address, cancellation));
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
