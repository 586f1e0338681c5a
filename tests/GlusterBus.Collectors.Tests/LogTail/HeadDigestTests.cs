using System.Security.Cryptography;
using GlusterBus.Collectors.LogTail;

namespace GlusterBus.Collectors.Tests.LogTail;

public sealed class HeadDigestTests
{
    [Fact]
    public void Digests_are_those_of_sha_256_at_every_length_up_to_a_whole_head()
    {
        byte[] bytes = new byte[LogHead.MaximumLength];
        new Random(1).NextBytes(bytes);

        for (int length = 0; length <= bytes.Length; length++)
        {
            HeadDigest.Of(bytes.AsSpan(0, length)).ShouldBe(SHA256.HashData(bytes.AsSpan(0, length)), $"{length} bytes");
        }
    }
}
