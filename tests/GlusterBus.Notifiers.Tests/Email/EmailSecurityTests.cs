using System.ComponentModel.DataAnnotations;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Email;
using GlusterBus.TestKit;
using MimeKit;
using static GlusterBus.Notifiers.Tests.Email.EmailFixture;

namespace GlusterBus.Notifiers.Tests.Email;

/// <summary>Encryption, login, and what <c>check</c> says about them, with a real server.</summary>
public sealed class EmailSecurityTests
{
    private const string Secret = "s3cr3t wörd";

    private static readonly string[] Leaks = [Secret, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData(EmailEncryption.Starttls, "starttls")]
    [InlineData(EmailEncryption.Tls, "tls")]
    public async Task Mails_go_encrypted_after_a_login_with_the_password_of_a_file(EmailEncryption encryption, string mode)
    {
        using Scene scene = await Scene.CreateAsync();
        await using SmtpServer server = await scene.ServerAsync(mode);
        EmailNotifier notifier = Notifier(scene.Options(server, encryption));

        (await notifier.CheckAsync(Token)).ShouldBe([new CheckResult($"email localhost:{server.Port} as bus")]);
        server.Mails.ShouldBeEmpty("a check has no side effects");
        (await notifier.GatherAsync(Offer(Brick(1, "online", "offline")), isFull: false, Token)).ShouldBe(new Gathered(1));

        server.Mails.Single().ShouldSatisfyAllConditions(mail => mail.Encrypted.ShouldBeTrue(), mail => mail.User.ShouldBe("bus"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_check_sends_a_mail_when_it_is_asked_to()
    {
        Assert.SkipWhen(SmtpServer.Obstacle is not null, SmtpServer.Obstacle ?? "");
        await using SmtpServer server = await SmtpServer.StartAsync(Token);
        server.Answer("nobody@example.org", "550 no such user");
        EmailNotifier notifier = Notifier(Options(server.Port) with { TestMail = true, To = [Team, "nobody@example.org"] });

        IReadOnlyList<CheckResult> results = await notifier.CheckAsync(Token);

        results.Select(r => (r.Subject, r.Problem)).ShouldBe(
            [($"email 127.0.0.1:{server.Port}", null), ($"email test mail to {Team}", null), ("email test mail to nobody@example.org", "550 no such user")]);
        MimeMessage.Load(server.Mails.Single().File, Token).Subject.ShouldBe("[GlusterBus] test: mail arrives");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("password", "refuses the login of user 'bus'", "correct user or the password's file")]
    [InlineData("file", "Could not find file", "make the file readable")]
    [InlineData("authority", "no secure connection to", "caFile")]
    [InlineData("name", "no secure connection to", "caFile")]
    [InlineData("starttls", "offers no STARTTLS", "\"none\" for a relay on this machine")]
    [InlineData("away", "no connection to", "check that the server runs")]
    public async Task Every_trouble_is_one_line_with_a_remedy_and_names_no_secret(string trouble, string problem, string remedy)
    {
        using Scene scene = await Scene.CreateAsync(trouble == "name" ? "DNS:elsewhere.example" : "DNS:localhost");
        await using SmtpServer server = await scene.ServerAsync(trouble == "starttls" ? "none" : "starttls");
        EmailOptions options = scene.Options(server, EmailEncryption.Starttls);
        options = trouble switch
        {
            "password" => options with { User = "bus", PasswordFile = scene.Write("wrong", Secret + "!") },
            "file" => options with { PasswordFile = scene.File("missing") },
            "authority" => options with { CaFile = null },
            "starttls" => options with { User = null, PasswordFile = null },
            "away" => options with { Server = $"localhost:{FreePorts.Take(1)[0]}" },
            _ => options,
        };
        var log = new RecordingLogger();
        EmailNotifier notifier = Notifier(options, log: log);

        CheckResult result = (await notifier.CheckAsync(Token)).Single();
        result.ShouldSatisfyAllConditions(
            r => r.Problem!.ShouldContain(problem), r => r.Remedy!.ShouldContain(remedy), r => r.IsWarning.ShouldBeTrue(), r => r.Problem!.ShouldNotContain('\n'));

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(notifier.GatherAsync(Offer(Brick(1, "online", "offline")), isFull: false, Token));
        failure.Message.ShouldContain(problem);
        server.Mails.ShouldBeEmpty();
        foreach (string seen in new[] { failure.ToString(), result.ToString() }.Concat(log.Lines.Select(line => line.Text)))
        {
            Leaks.ShouldAllBe(secret => !seen.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("server", "mail server", "server must be host or host:port")]
    [InlineData("to", "nobody", "'nobody' is no mail address", "'nobody' has no domain")]
    [InlineData("user", "bus", "user needs passwordFile")]
    [InlineData("clear", "bus", "a password must not travel in clear")]
    [InlineData("both", "bus", "give password or passwordFile, not both")]
    public void Mistakes_in_the_options_are_told_in_words(string what, string value, params string[] anyOf)
    {
        EmailOptions good = Options(25) with { Server = "mail.example.org", Encryption = EmailEncryption.Starttls };
        EmailOptions bad = what switch
        {
            "server" => good with { Server = value },
            "to" => good with { To = [value] },
            "user" => good with { User = value },
            "clear" => good with { User = value, Password = Secret, Encryption = EmailEncryption.None },
            _ => good with { User = value, Password = Secret, PasswordFile = "/x" },
        };

        Problems(good).ShouldBeEmpty();
        string problem = Problems(bad).ShouldHaveSingleItem();
        anyOf.ShouldContain(text => problem.Contains(text, StringComparison.Ordinal), problem);
        problem.ShouldNotContain(Secret);
    }

    private static List<string> Problems(EmailOptions options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        return [.. problems.Select(p => p.ErrorMessage!)];
    }

    private sealed class Scene : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly PrivateAuthority _authority;
        private readonly (string Certificate, string Key) _pair;

        private Scene(PrivateAuthority authority, (string Certificate, string Key) pair) => (_authority, _pair) = (authority, pair);

        public static async Task<Scene> CreateAsync(string names = "DNS:localhost")
        {
            Assert.SkipWhen(SmtpServer.Obstacle is not null, SmtpServer.Obstacle ?? "");
            PrivateAuthority authority = await PrivateAuthority.CreateAsync(Token);
            return new Scene(authority, await authority.IssueAsync("mail", names, Token));
        }

        public Task<SmtpServer> ServerAsync(string mode) => SmtpServer.StartAsync(Token, mode, mode == "none" ? null : _pair, mode == "none" ? null : ("bus", Secret));

        public EmailOptions Options(SmtpServer server, EmailEncryption encryption) => EmailFixture.Options(server.Port) with
        {
            Server = $"localhost:{server.Port}",
            Encryption = encryption,
            CaFile = _authority.CaFile,
            User = "bus",
            PasswordFile = Write("password", Secret + "\n"),
        };

        public string File(string name) => _folder.File(name);

        public string Write(string name, string text)
        {
            System.IO.File.WriteAllText(File(name), text);
            return File(name);
        }

        public void Dispose()
        {
            _authority.Dispose();
            _folder.Dispose();
        }
    }
}
