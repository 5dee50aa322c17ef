using Parceler.Tests.Support;

namespace Parceler.Tests.Postgres;

// The tests of these classes run on SQLite where they are written, and here on PostgreSQL: see Support/TestDatabase.

[Trait("Speed", "slow")]
public sealed class JobQueueTests : Jobs.JobQueueTests;

[Trait("Speed", "slow")]
public sealed class WorkerTests : Jobs.WorkerTests;

[Trait("Speed", "slow")]
public sealed class LocalMachinesTests : Entitlements.LocalMachinesTests;

[Trait("Speed", "slow")]
public sealed class KeptVerdictsTests : Entitlements.KeptVerdictsTests;

[Trait("Speed", "slow")]
public sealed class CollectGarbageTests : Snapshots.CollectGarbageTests;

[Trait("Speed", "slow")]
public sealed class StoreTests : Snapshots.StoreTests;

[Trait("Speed", "slow")]
public sealed class StoreIdentityTests : Storage.StoreIdentityTests;

[Trait("Speed", "slow")]
public sealed class SyncTests : Scenarios.SyncTests;

[Trait("Speed", "slow")]
public sealed class FaultyPackageTests : Scenarios.FaultyPackageTests;

[Trait("Speed", "slow")]
public sealed class AptTests(DebianPackages packages) : Scenarios.AptTests(packages);

[Trait("Speed", "slow")]
public sealed class SessionTests : Scenarios.SessionTests;

[Trait("Speed", "slow")]
[Collection(nameof(Alone))]
public sealed class TwoWebServersTests : Scenarios.TwoWebServersTests;

[Trait("Speed", "slow")]
public sealed class TwoWorkersTests : Faults.TwoWorkersTests;

[Trait("Speed", "slow")]
public sealed class MaintenanceTests : Http.MaintenanceTests;

[Trait("Speed", "slow")]
public sealed class TokenTests : Api.TokenTests;

[Trait("Speed", "slow")]
public sealed class ReadingTests : Api.ReadingTests;

[Trait("Speed", "slow")]
public sealed class ChangingTests : Api.ChangingTests;

[Trait("Speed", "slow")]
public sealed class AuditTests : Api.AuditTests;

[Trait("Speed", "slow")]
public sealed class SignInTests : Api.SignInTests;

[Trait("Speed", "slow")]
public sealed class NetifyTests : Netify.NetifyTests;
