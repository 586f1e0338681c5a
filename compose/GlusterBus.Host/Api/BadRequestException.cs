namespace GlusterBus.Host.Api;

/// <summary>The request can't be understood; the message names the parameter and what would be right. Becomes a 400.</summary>
public sealed class BadRequestException(string message, Exception? inner = null) : Exception(message, inner);
