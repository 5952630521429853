from django import template

from files.models import Upload

register = template.Library()


@register.simple_tag
def unfinished_count(user):
    """How many files this person began to send and did not finish. One query."""
    return Upload.objects.open().in_parts().of(user).count() if user.is_authenticated else 0
