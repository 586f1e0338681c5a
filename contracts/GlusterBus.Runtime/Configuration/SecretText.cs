namespace GlusterBus.Runtime.Configuration;

/// <summary>Reads secrets from where the configuration says they are. What it returns must not be logged.</summary>
public static class SecretText
{
    /// <summary>The file's first line, or the text given; null when there is neither.</summary>
    /// <exception cref="ConfigurationException">The file can't be read or its first line is empty.</exception>
    public static string? Read(string? text, string? file, string path)
    {
        if (file is null)
        {
            return text;
        }

        try
        {
            string line = File.ReadLines(file).FirstOrDefault("").Trim();
            return line.Length > 0 ? line : throw new ConfigurationException([new ConfigurationProblem(file, path, "its first line is empty; it must be the password")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new ConfigurationProblem(file, path, e.Message)], e);
        }
    }
}
