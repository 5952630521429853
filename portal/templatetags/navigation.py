from dataclasses import dataclass, field

from django import template
from django.urls import reverse

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


@register.simple_tag(takes_context=True)
def navigation(context):
    """The menu of whoever is signed in: the places that their role opens, and where they are."""
    user, path = context["request"].user, context["request"].path
    home, help_center = Link("Home", "home", reverse("home")), Link("Help Center", "help", reverse("help"))
    exchange = Link("Your files" if user.is_client_user else "Secure File Exchange", "folder", reverse("exchange"))
    account = Link("Your account", "person", reverse("profile"))
    log = Link("Activity Log", "log", reverse("activity"))
    groups = [Group([home, exchange, account])]
    if user.is_firm_user or user.is_administrator:
        groups = [Group([home, Link("Clients", "people", reverse("clients")), exchange])]
    if user.is_administrator:
        people = Link("Firm users", "person", reverse("firm-users"))
        groups.append(
            Group([log, people, Link("Firm settings", "settings", reverse("firm-settings"))], "Account Information")
        )
    elif user.is_auditor:
        logs = [Link("Activity", "upload", reverse("file-activity")), Link("Usage", "chart", reverse("usage"))]
        groups = [Group([home]), Group(logs, "Secure File Exchange"), Group([log, account], "Account Information")]
    groups.append(Group([help_center], is_last=True))
    links = [link for group in groups for link in group.links if path.startswith(link.url)]
    if links:
        max(links, key=lambda link: len(link.url)).is_current = True
    if path != home.url:
        home.is_current = False
    return groups
