"""Django's admin: for administrators, behind the portal's own sign-in, and for looking only. What writes goes through verbs."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin

from accounts.models import Assignment, Client, Firm, Invitation, Membership, User
from activity.models import Event, Verification
from files.models import Cabinet, File, Folder, Request, RequestLink, RetentionRule, Upload, Version
from organizer.models import Answer, Attachment, Change, Entry, Mark, Organizer, Template, TemplateVersion
from reports.models import Run, SavedView, Schedule

HIDDEN = {"password", "token_hash", "session_key", "logo", "mac", "code_hash", "secret"}


class LookingOnly(admin.ModelAdmin):
    """Nothing can be added, changed or deleted; secrets are not shown."""

    show_full_result_count = False
    list_per_page = 50
    actions = None

    def get_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.fields if field.name not in HIDDEN]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


site = admin.AdminSite()
site.site_header = site.site_title = "Firm Portal, for looking only"
site.site_url = "/"
site.login = secure_admin_login(site.login)
SHOWN = (
    *(User, Client, Membership, Assignment, Invitation, Firm, Event, Verification),
    *(Cabinet, Folder, File, Version, Upload, Request, RequestLink, RetentionRule),
    *(Organizer, Entry, Answer, Attachment, Change, Mark, Template, TemplateVersion),
    *(SavedView, Schedule, Run),
)
site.register((*SHOWN, EmailAddress, UserSession), LookingOnly)
