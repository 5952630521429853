from django import template

from operations.status import urgent

register = template.Library()


@register.inclusion_tag("operations/_attention.html")
def attention():
    """A warning with the way to the status page, where something needs somebody soon."""
    return {"is_urgent": urgent()}
