using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Http.Api;

/// <summary>The request ends with this status, for this reason.</summary>
internal sealed class ApiException(int status, string detail) : Exception(detail)
{
    public int Status => status;
}

/// <summary>The one place where failures of the API become problem details (RFC 9457).</summary>
internal static class ApiProblem
{
    public const string ContentType = "application/problem+json";

    public static Task WriteAsync(HttpContext http, int status, string detail)
    {
        http.Response.StatusCode = status;
        var problem = new ProblemDetails { Type = "about:blank", Title = ReasonPhrases.GetReasonPhrase(status), Status = status, Detail = detail };
        return http.Response.WriteAsJsonAsync(problem, ApiJson.Plain.ProblemDetails, ContentType, http.RequestAborted);
    }

    /// <summary>Null for what nobody expected.</summary>
    public static (int Status, string Detail)? Of(Exception e) =>
        e switch
        {
            ApiException api => (api.Status, api.Message),
            AbsentException => (StatusCodes.Status404NotFound, e.Message),
            InvalidSettingException => (StatusCodes.Status422UnprocessableEntity, e.Message),
            RefusedException => (StatusCodes.Status409Conflict, e.Message),
            FormatException => (StatusCodes.Status400BadRequest, e.Message),
            BadHttpRequestException { InnerException: JsonException json } => (StatusCodes.Status400BadRequest, $"The body is not the JSON that is asked for: look at {json.Path ?? "its beginning"}, and at /api/v1/reference"),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            CorruptManifestException or SourceTreeException => (StatusCodes.Status409Conflict, e.Message),
            DatabaseException { IsOutage: true } => (StatusCodes.Status503ServiceUnavailable, "The database does not answer. Try again soon"),
            _ => null,
        };

    public static string DetailOf(int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address. See /api/v1/reference",
            StatusCodes.Status405MethodNotAllowed => "This address does not take this method; Allow names those that it takes",
            StatusCodes.Status415UnsupportedMediaType => "The body has to be JSON, with Content-Type: application/json",
            StatusCodes.Status413PayloadTooLarge => "The body is too large",
            _ => ReasonPhrases.GetReasonPhrase(status),
        };
}
