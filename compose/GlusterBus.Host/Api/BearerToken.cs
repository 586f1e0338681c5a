using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Compares tokens without telling by the time it takes how much of one was right.</summary>
internal static class BearerToken
{
    public static bool IsGiven(HttpRequest request, string? token)
    {
        const string scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        if (token is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Digests have one length, so the comparison does not tell the token's either.
        return CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(header[scheme.Length..].Trim())),
            SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }
}
