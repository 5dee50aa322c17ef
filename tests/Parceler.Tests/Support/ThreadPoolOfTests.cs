using System.Runtime.CompilerServices;

namespace Parceler.Tests.Support;

/// <summary>Tests block threads while they wait for programs; servers that answer beside them must not wait for new threads meanwhile.</summary>
internal static class ThreadPoolOfTests
{
    [ModuleInitializer]
    public static void HaveThreads() => ThreadPool.SetMinThreads(64, 64);
}
