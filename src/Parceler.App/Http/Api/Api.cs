using Microsoft.AspNetCore.Http.Json;

namespace Parceler.App.Http.Api;

/// <summary>The API: everything that commands do to repositories and around them, for programs and for pages.</summary>
internal static class Api
{
    public const string Root = "/api/v1";

    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiGate>();
        builder.Services.Configure<JsonOptions>(json => ApiJson.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // so that the gate can say what is wrong
        builder.Services.AddApiDocument();
    }

    /// <summary>After routing, and before what it leads to.</summary>
    public static void UseApiGate(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<ApiGate>();
        app.Use((http, next) => http.Request.Path.StartsWithSegments(Root) ? gate.RunAsync(http, next) : next(http));
    }

    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup(Root);
        RepositoryRoutes.Map(api);
        RepositoryChanges.Map(api);
        SnapshotRoutes.Map(api);
        TrustRoutes.Map(api);
        JobRoutes.Map(api);
        MachineRoutes.Map(api);
        ServiceRoutes.Map(api);
        SessionRoutes.Map(api);
        AccountRoutes.Map(api);
        app.MapApiDocument();
        app.MapReference();
    }
}
