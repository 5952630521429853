from dataclasses import dataclass, field

from django import template
from django.urls import reverse

from accounts.rights import Right

register = template.Library()


@dataclass
class Link:
    label: str
    icon: str
    url: str
    is_current: bool = False


@dataclass
class Group:
    links: list
    heading: str = ""
    is_last: bool = field(default=False)


def _place(context):
    """The address of the page, or of the list that it belongs to where their addresses do not say so."""
    path, person = context["request"].path, context.get("person")
    if person:
        return reverse("clients" if person.is_client_user else "firm-users")
    if path.startswith((reverse("import"), reverse("held-invitations"))):
        return reverse("clients")
    if path.startswith(reverse("setup")):
        return reverse("firm-settings")
    return path


@register.simple_tag(takes_context=True)
def navigation(context):
    """The menu of whoever is signed in: the places that their role opens, and where they are."""
    user, path = context["request"].user, _place(context)
    home, help_center = Link("Home", "home", reverse("home")), Link("Help Center", "help", reverse("help"))
    exchange = Link("Your files" if user.is_client_user else "Secure File Exchange", "folder", reverse("exchange"))
    account = Link("Your account", "person", reverse("profile"))
    main, information = [home], []
    if not user.is_client_user and not user.is_auditor:
        main.append(Link("Clients", "people", reverse("clients")))
    if user.may(Right.VIEW_FILES):
        main.append(exchange)
    if user.may(Right.USE_ORGANIZER):
        main.append(Link("Tax Organizer", "organizer", reverse("organizers")))
    elif user.may(Right.EDIT_TEMPLATES):
        main.append(Link("Templates", "organizer", reverse("organizer-templates")))
    groups = [Group(main)]
    if user.is_auditor:
        logs = [
            Link("Activity", "upload", reverse("file-activity")),
            Link("Access to files", "eye", reverse("access")),
            Link("Usage", "chart", reverse("usage")),
        ]
        groups.append(Group(logs, "Secure File Exchange"))
    if user.is_administrator or user.is_auditor:
        information.append(Link("Activity Log", "log", reverse("activity")))
        information.append(Link("Status", "info", reverse("status")))
    if user.may(Right.READ_REPORTS):
        information.append(Link("Roster", "people", reverse("roster")))
        information.append(Link("Sign-ins", "enter", reverse("sign-ins")))
        information.append(Link("Saved views", "bookmark", reverse("saved-views")))
    if user.is_administrator:
        information.append(Link("Firm users", "people", reverse("firm-users")))
        information.append(Link("Firm settings", "settings", reverse("firm-settings")))
    if user.is_client_user:
        main.append(Link("What happened with your files", "log", reverse("trail")))
        main.append(account)
    else:
        groups.append(Group([*information, account], "Account Information"))
    groups.append(Group([help_center], is_last=True))
    links = [link for group in groups for link in group.links if path.startswith(link.url)]
    if links:
        max(links, key=lambda link: len(link.url)).is_current = True
    if path != home.url:
        home.is_current = False
    return groups
