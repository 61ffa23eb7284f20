using System.CommandLine;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo user invite | list | disable | enable | guest | member</c></summary>
internal static class User
{
    private static readonly Argument<string> Email = new("EMAIL") { Description = "Whom; a label that tells invitations apart, no mail is sent" };
    private static readonly Option<string> Organisation = new("--org") { Description = "The organisation they join", Required = true };
    private static readonly Option<Role> Role = new("--role")
    {
        Description = "reader, contributor, maintainer or owner",
        DefaultValueFactory = _ => Contracts.Role.Reader,
    };

    private static readonly Argument<string> Name = new("NAME") { Description = "The user" };

    public static Command Create(Surroundings surroundings) =>
        new("user", "Let people in; for administrators: list, lock out, mark as guests")
        {
            new Command("list", "List all users").Does(surroundings, ListAsync),
            Change(surroundings, "disable", "Lock somebody out, with all their tokens", new UpdateUser(IsDisabled: true), "is locked out"),
            Change(surroundings, "enable", "Let somebody in again", new UpdateUser(IsDisabled: false), "may sign in again"),
            Change(surroundings, "guest", "Make somebody a guest: they do not see what is internal", new UpdateUser(IsGuest: true), "is a guest"),
            Change(surroundings, "member", "Make a guest a member of the zoo", new UpdateUser(IsGuest: false), "is a member of the zoo"),
            new Command("invite", "Make a link that somebody signs up with") { Email, Organisation, Role }.Does(surroundings, InviteAsync),
        };

    private static Command Change(Surroundings surroundings, string name, string description, UpdateUser change, string done) =>
        new Command(name, description) { Name }.Does(surroundings, async (invocation, ct) =>
        {
            using var zoo = invocation.Connect();
            var user = await zoo.Users.UpdateAsync(invocation.Value(Name), change, ct);
            invocation.Answer(user, output => output.WriteLine($"{user.Name} {done}"));
        });

    private static async Task ListAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var users = await zoo.Users.ListAsync(ct);
        invocation.AnswerTable(
            users, ["NAME", "SINCE", "IS", "E-MAIL"],
            users.Select(u => new[]
            {
                u.Name, Terminals.Amounts.Day(u.CreatedAt),
                u.IsDisabled ? "disabled" : u.IsAdministrator ? "administrator" : u.IsGuest ? "guest" : "member", u.Email ?? "",
            }),
            "no users");
    }

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
