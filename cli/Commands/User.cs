using System.CommandLine;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo user invite EMAIL --org NAME --role ROLE</c></summary>
internal static class User
{
    private static readonly Argument<string> Email = new("EMAIL") { Description = "Whom; a label that tells invitations apart, no mail is sent" };
    private static readonly Option<string> Organisation = new("--org") { Description = "The organisation they join", Required = true };
    private static readonly Option<Role> Role = new("--role")
    {
        Description = "reader, contributor, maintainer or owner",
        DefaultValueFactory = _ => Contracts.Role.Reader,
    };

    public static Command Create(Surroundings surroundings) =>
        new("user", "Let people in")
        {
            new Command("invite", "Make a link that somebody signs up with") { Email, Organisation, Role }.Does(surroundings, InviteAsync),
        };

    private static async Task InviteAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var invitation = await zoo.Organisations.InviteAsync(
            invocation.Value(Organisation), invocation.Value(Email), invocation.Value(Role), ct);
        invocation.Answer(invitation, output =>
        {
            output.WriteLine($"{invitation.Email} may join {invitation.Organisation} as {invitation.Role.ToString().ToLowerInvariant()} until {invitation.ExpiresAt:yyyy-MM-dd HH:mm} UTC:");
            output.WriteLine(invitation.Link);
            output.WriteLine("send them this link yourself; it works once");
        });
    }
}
