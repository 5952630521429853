"""Who may reach which organizer and template: found through the user, or 404."""

from accounts.access import NotForYou, for_right, for_roles, for_the_firm, found_for
from accounts.models import Role
from accounts.rights import Right
from organizer.models import Organizer, Sending, Template

for_organizer_users = for_right(Right.USE_ORGANIZER)


def for_staff(view):
    """Opens a view to the firm's people who may use the Tax Organizer."""
    return for_the_firm(for_organizer_users(view))


def for_clients(view):
    """Opens a view to a client's people who may use the Tax Organizer."""
    return for_roles(Role.CLIENT_USER)(for_organizer_users(view))


def organizer_for(user, organizer_id):
    organizers = Organizer.objects.visible_to(user).select_related("client", "version__template", "by")
    return found_for(user, organizers, "organizer", organizer_id)


def template_for(user, template_id):
    return found_for(user, Template.objects.visible_to(user), "template", template_id)


def section_of(organizer, sheet, key):
    """The SectionSheet, shown or not, or NotForYou."""
    section = next((section for section in sheet.sections if section.key == key), None)
    if section is None:
        raise NotForYou("organizer", organizer.pk)
    return section


def file_line_of(organizer, sheet, name):
    """The Line of this name, which asks for files, or NotForYou."""
    line = next((line for line in sheet.lines.values() if line.name == name and line.question.is_file), None)
    if line is None:
        raise NotForYou("organizer", organizer.pk)
    return line


def sending_for(user, sending_id):
    sendings = Sending.objects.visible_to(user).select_related("version__template", "by")
    return found_for(user, sendings, "sending", sending_id)
