"""How much is used and left, for whoever may know it."""

from django import template

from files.space import space_of, space_of_firm

register = template.Library()


@register.inclusion_tag("files/_space_of_firm.html", takes_context=True)
def space_of_the_firm(context):
    """Used of the quota or the disk, by kind; administrators are warned when it is nearly full."""
    return {"space": space_of_firm(), "user": context["user"]}


@register.inclusion_tag("files/_room.html", takes_context=True)
def room_in(context, cabinet):
    """What is left where files are sent: to the firm of everything, to a client's people of their own quota only."""
    own = space_of(cabinet) if cabinet.quota_bytes is not None else None
    return {"own": own, "firm_space": None if context["user"].is_client_user else space_of_firm()}


@register.simple_tag
def firm_space():
    return space_of_firm()


@register.filter
def part_of(number, space):
    """The number of bytes as a share of all that may be stored, or is: for the width of a bar."""
    whole = max(space.limit_bytes or 0, space.used_bytes)
    return f"{number * 100 / whole:.1f}%" if whole else "0%"
