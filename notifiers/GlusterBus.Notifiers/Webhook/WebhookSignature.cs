using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GlusterBus.Notifiers.Webhook;

/// <summary>The value of the <c>GlusterBus-Signature</c> header: <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>, one <c>v1</c> per key, where hex is
/// HMAC-SHA256 of the time, a full stop and the body. The time lets a receiver refuse old requests that somebody sends again.</summary>
internal static class WebhookSignature
{
    public const string Header = "GlusterBus-Signature";

    public static string Of(ReadOnlySpan<byte> body, DateTimeOffset now, IReadOnlyList<byte[]> keys)
    {
        string time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        int length = time.Length + 1 + body.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Encoding.ASCII.GetBytes(time, rented);
            rented[time.Length] = (byte)'.';
            body.CopyTo(rented.AsSpan(time.Length + 1));
            var value = new StringBuilder("t=", 2 + time.Length + (keys.Count * 68)).Append(time);
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            foreach (byte[] key in keys)
            {
                HMACSHA256.HashData(key, rented.AsSpan(0, length), hash);
                value.Append(",v1=").Append(Convert.ToHexStringLower(hash));
            }

            return value.ToString();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
