from django import template

from activity.verification import open_break

register = template.Library()


@register.simple_tag
def log_break():
    """The Verification that found a break which nobody has acknowledged; else None."""
    return open_break()
