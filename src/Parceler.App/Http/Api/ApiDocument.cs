using Microsoft.OpenApi;

namespace Parceler.App.Http.Api;

/// <summary>The description of the API, made of its endpoints.</summary>
internal static class ApiDocument
{
    public const string Path = Api.Root + "/openapi.json";

    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
                options.AddDocumentTransformer((document, _, _) => DescribeAsync(document));
            }
        );

    public static void MapApiDocument(this WebApplication app) => app.MapOpenApi(Path);

    private static Task DescribeAsync(OpenApiDocument document)
    {
        document.Info = new() { Title = "Parceler", Version = "v1", Description = "Everything that the commands of Parceler do. Errors are problem details (RFC 9457)." };
        document.Servers = []; // it is wherever this document is
        document.AddComponent("token", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token made by: parceler token create NAME --scope read" });
        document.AddComponent(
            "session",
            new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "__Host-parceler_session", Description = "Set by POST /api/v1/sessions; changes need the header X-CSRF-Token besides" }
        );
        document.Security = [Either(document, "token"), Either(document, "session")];
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Either(OpenApiDocument document, string scheme) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}
