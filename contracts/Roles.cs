namespace ZooPlatform.Contracts;

/// <summary>What somebody may do in an organisation or repository; each holds what the ones before it hold.</summary>
public enum Role
{
    /// <summary>List, read, download.</summary>
    Reader = 1,
    /// <summary>Also upload, commit to unprotected branches, benchmark, edit the card.</summary>
    Contributor = 2,
    /// <summary>Also tags, protected branches, settings, delete a repository.</summary>
    Maintainer = 3,
    /// <summary>Also members, visibility, transfer, delete the organisation.</summary>
    Owner = 4,
}

/// <summary>Who may read a repository.</summary>
public enum Visibility
{
    /// <summary>Members of the owner and those it was granted to.</summary>
    Private,
    /// <summary>Everybody signed in, but guests.</summary>
    Internal,
    /// <summary>Everybody.</summary>
    Public,
}

public enum OwnerKind
{
    User,
    Organisation,
}
