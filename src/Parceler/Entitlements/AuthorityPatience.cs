using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Parceler.Entitlements;

/// <summary>How long and how often the authority of one tier is tried, and when it is left alone for a while.</summary>
internal static class AuthorityPatience
{
    private static readonly PredicateBuilder<AuthorityAnswer> Outage = new PredicateBuilder<AuthorityAnswer>()
        .Handle<HttpRequestException>()
        .Handle<IOException>()
        .Handle<TimeoutRejectedException>()
        .Handle<OperationCanceledException>(e => e.InnerException is TimeoutException) // no connection in time
        .HandleResult(answer => answer is AuthorityAnswer.None { IsOutage: true });

    private static readonly PredicateBuilder<AuthorityAnswer> WorthAnotherTry = new PredicateBuilder<AuthorityAnswer>()
        .Handle<HttpRequestException>()
        .Handle<IOException>()
        .Handle<TimeoutRejectedException>()
        .Handle<OperationCanceledException>(e => e.InnerException is TimeoutException) // no connection in time
        .HandleResult(answer => answer is AuthorityAnswer.None { MayPass: true });

    /// <summary>
    /// Waiting for the network is measured on the machine's own clock, whatever time it is for verdicts; the pause after
    /// an outage is measured like the verdicts.
    /// </summary>
    public static ResiliencePipeline<AuthorityAnswer> Of(AuthorityLimits limits, CircuitBreakerStateProvider breaker, TimeProvider clock) =>
        new ResiliencePipelineBuilder<AuthorityAnswer> { TimeProvider = TimeProvider.System }
            .AddTimeout(limits.Whole)
            .AddRetry(
                new RetryStrategyOptions<AuthorityAnswer>
                {
                    ShouldHandle = WorthAnotherTry,
                    MaxRetryAttempts = 2,
                    Delay = TimeSpan.FromMilliseconds(150),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                }
            )
            .AddPipeline(new ResiliencePipelineBuilder<AuthorityAnswer> { TimeProvider = clock }.AddCircuitBreaker(Breaker(breaker)).Build())
            .AddTimeout(limits.Try)
            .Build();

    private static CircuitBreakerStrategyOptions<AuthorityAnswer> Breaker(CircuitBreakerStateProvider state) =>
        new()
        {
            ShouldHandle = Outage,
            StateProvider = state,
            FailureRatio = 0.5,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDurationGenerator = _ => ValueTask.FromResult(TimeSpan.FromSeconds(5 + (10 * Random.Shared.NextDouble()))),
        };
}
