using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>Finds the token in a request, and compares it without telling by the time it takes how much of one was right.</summary>
internal static class BearerToken
{
    /// <summary>The subprotocol of the stream.</summary>
    public const string Protocol = "glusterbus.v1";

    /// <summary>What the second subprotocol begins with that a browser offers, as it can't set headers on a WebSocket: the token follows as base64url.
    /// Addresses would show in logs and histories; this header does not, and the answer never repeats it.</summary>
    public const string TokenProtocol = "glusterbus.token.";

    public static bool IsGiven(HttpRequest request, string? token)
    {
        if (token is null || (FromHeader(request) ?? FromProtocols(request)) is not { } given)
        {
            return false;
        }

        // Digests have one length, so the comparison does not tell the token's either.
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(given), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    private static byte[]? FromHeader(HttpRequest request)
    {
        const string scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetBytes(header[scheme.Length..].Trim()) : null;
    }

    private static byte[]? FromProtocols(HttpRequest request)
    {
        string? offered = request.Headers.SecWebSocketProtocol.OfType<string>().SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries))
            .FirstOrDefault(protocol => protocol.StartsWith(TokenProtocol, StringComparison.Ordinal));
        if (offered is null || !Base64Url.IsValid(offered.AsSpan(TokenProtocol.Length)))
        {
            return null;
        }

        return Base64Url.DecodeFromChars(offered.AsSpan(TokenProtocol.Length));
    }
}
