using System.Net;
using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Parceler.App.Http.Api;

/// <summary>The description of the API as a page: plain text and links, no script, nothing from elsewhere.</summary>
internal static class Reference
{
    public const string Path = Api.Root + "/reference";
    private const string OnlyItsOwnStyle = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    public static void MapReference(this WebApplication app)
    {
        var documents = app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1");
        app.MapGet(
                Path,
                async (HttpContext http, CancellationToken cancellation) =>
                {
                    http.Response.Headers.ContentSecurityPolicy = OnlyItsOwnStyle;
                    return TypedResults.Content(Page.Of("API", Body(await documents.GetOpenApiDocumentAsync(cancellation))), "text/html; charset=utf-8");
                }
            )
            .ExcludeFromDescription();
    }

    private static string Body(OpenApiDocument document)
    {
        var html = new StringBuilder($"<p>{Text(document.Info.Description)} For programs: <a href=\"{ApiDocument.Path}\">openapi.json</a>.</p>");
        foreach (var (path, item) in document.Paths)
        {
            foreach (var (method, operation) in item.Operations ?? [])
            {
                Add(html, path, method.Method, operation);
            }
        }

        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            html.Append($"<h2 id=\"{Text(name)}\">{Text(name)}</h2>");
            AddFields(html, (schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).Select(field => (field.Key, TypeOf(field.Value), schema.Required?.Contains(field.Key) == true ? "required" : "")));
        }

        return html.ToString();
    }

    private static void Add(StringBuilder html, string path, string method, OpenApiOperation operation)
    {
        html.Append($"<h2 id=\"{Text(operation.OperationId)}\"><code>{Text(method)} {Text(path)}</code></h2><p>{Text(operation.Summary)}.</p>");
        AddFields(html, (operation.Parameters ?? []).Select(parameter => (parameter.Name ?? "", TypeOf(parameter.Schema), parameter.Required ? $"{parameter.In}, required" : $"{parameter.In}")));
        if (operation.RequestBody?.Content?.Values.FirstOrDefault()?.Schema is { } body)
        {
            html.Append($"<p>Body: {TypeOf(body)}</p>");
        }

        var answers = (operation.Responses ?? []).Select(answer => $"{Text(answer.Key)} {TypeOf(answer.Value.Content?.Values.FirstOrDefault()?.Schema)}".TrimEnd());
        html.Append($"<p>Answers: {string.Join(", ", answers)}</p>");
    }

    private static void AddFields(StringBuilder html, IEnumerable<(string Name, string Type, string Remark)> fields)
    {
        html.Append("<ul>");
        foreach (var (name, type, remark) in fields)
        {
            html.Append($"<li><code>{Text(name)}</code> {type} {Text(remark.ToLowerInvariant())}</li>");
        }

        html.Append("</ul>");
    }

    // As HTML.
    private static string TypeOf(IOpenApiSchema? schema) =>
        schema switch
        {
            null => "",
            OpenApiSchemaReference { Reference.Id: { } id } => $"<a href=\"#{Text(id)}\">{Text(id)}</a>",
            { OneOf: { Count: > 0 } any } => string.Join(" or ", any.Select(TypeOf)),
            { Items: { } items } => $"list of {TypeOf(items)}",
            { Format: { } format } => Text(format),
            { Type: { } type } => Text(string.Join(" or ", $"{type}".ToLowerInvariant().Split(", "))),
            _ => "any",
        };

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
