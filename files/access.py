"""Finding things through the user: the object, or the 404 that says nothing, or 403 where it may be seen but not changed."""

from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from accounts.access import NotForYou, found_for
from accounts.models import User
from accounts.rights import Right
from accounts.second_factor import must_enrol
from files.guests import confirmed_link
from files.models import Cabinet, File, Folder, Request, RequestedDocument, RequestLink, Upload


def cabinet_for(user, cabinet_id):
    return found_for(
        user, Cabinet.objects.visible_to(user).select_related("client", "owner", "held_by"), "cabinet", cabinet_id
    )


def folder_for(user, folder_id):
    return found_for(user, Folder.objects.visible_to(user).select_related("cabinet__client"), "folder", folder_id)


def folder_to_send_to(user, folder_id, *, is_asked=False):
    """``is_asked``: for a document that the firm has asked for, which may come where a client's people look only."""
    folder = folder_for(user, folder_id)
    must_send(user)
    if folder.binned_at:
        raise PermissionDenied(f"{folder.name} is in the bin. Put it back first, or send to another folder.")
    if not is_asked:
        refuse_where_closed(user, folder)
    return folder


def as_of_now(user):
    """The person with the rights that they have now. Raises PermissionDenied where the account was closed meanwhile."""
    user = User.objects.get(pk=user.pk)
    if not user.is_active:
        raise PermissionDenied("Your account is closed.")
    return user


def refuse_where_closed(user, folder):
    """Raises PermissionDenied where a client's people may look only. Before anything in the folder is changed."""
    if folder.is_closed_to(user):
        raise PermissionDenied("You can read this folder, not change it.")


def refuse_in_closed(user, cabinet, folders):
    """Raises PermissionDenied where one of these folders of the cabinet is closed to the user."""
    if not closed_folders(user, cabinet).isdisjoint(folder.pk for folder in folders):
        raise PermissionDenied("You can read this folder, not change it.")


def closed_folders(user, cabinet):
    """The ids of the cabinet's folders that are closed to the user. One query, for lists of files of many folders."""
    if not user.is_client_user:
        return set()
    folders = {folder.pk: folder for folder in cabinet.folders.only("parent_id", "is_view_only").order_by()}
    return {pk for pk, folder in folders.items() if any(one.is_view_only for one in _upwards(folder, folders))}


def _upwards(folder, folders):
    while folder is not None:
        yield folder
        folder = folders.get(folder.parent_id)


def switchable_folder_for(user, folder_id):
    """A client's folder that somebody of the firm may close to the client's people."""
    folder = folder_for(user, folder_id)
    if not user.may(Right.DELETE_FILES):
        raise PermissionDenied("Only who may delete files can change this.")
    if folder.client is None:
        raise PermissionDenied("Only a client's folder can be closed to clients.")
    return folder


def changeable_folder_for(user, folder_id):
    folder = folder_for(user, folder_id)
    if folder.parent_id is None:
        raise PermissionDenied("This folder is the cabinet itself: it keeps its name and its place.")
    refuse_unless_changeable(user, [], [folder])
    return folder


def refuse_unless_changeable(user, files, folders):
    """Raises PermissionDenied where the user may not change all of these, which lie in one cabinet."""
    if not all(file.may_be_changed_by(user) for file in files):
        raise PermissionDenied("Only who sent a file, or the firm, can change it, and only with the right to.")
    if files and not closed_folders(user, files[0].folder.cabinet).isdisjoint(file.folder_id for file in files):
        raise PermissionDenied("You can read this folder, not change it.")
    if not {folder.pk for folder in folders} <= Folder.changeable_of(folders, user):
        raise PermissionDenied("Only the firm can change a folder that holds what others sent.")


@dataclass(frozen=True)
class Sending:
    """Who sends files to a folder: a person, or somebody over a link, for whom ``by`` stands."""

    folder: Folder | None
    by: User
    link: RequestLink | None = None

    @property
    def sender(self):
        """As the log names them."""
        return self.link.guest if self.link else self.by


def for_senders(view):
    """Opens a view to people with an account, and to guests whose link is open; others are sent to sign in. Each view finds
    what it is about by ``sending_to`` or ``upload_for``."""

    @login_not_required
    @wraps(view)
    def checked(request, *args, **kwargs):
        if not request.user.is_authenticated:
            is_guest = confirmed_link(request) is not None
            return view(request, *args, **kwargs) if is_guest else redirect_to_login(request.get_full_path())
        if must_enrol(request.user):  # whose middleware passes by what is open to guests
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return checked


def sending_to(request, folder_id, *, is_asked=False):
    """Who sends to this folder: a signed-in person who may; a guest over their open link, to its folder alone."""
    if request.user.is_authenticated:
        return Sending(folder_to_send_to(request.user, folder_id, is_asked=is_asked), request.user)
    link = confirmed_link(request)
    if link.folder_id != folder_id:
        raise NotForYou("folder", folder_id)
    return Sending(link.folder, link.by, link)


def upload_for(request, upload_id):
    """An upload that this person, or this guest, began. One that is not finished is found only while they may send to its
    folder, another while they may see what became of it."""
    user = request.user if request.user.is_authenticated else None
    link = None if user else confirmed_link(request)
    uploads = Upload.objects.in_parts().of(user or link.by, link)
    uploads = uploads.select_related("folder__cabinet__client", "by", "link__folder__cabinet__client", "version__file")
    upload = found_for(user, uploads, "upload", upload_id)
    if upload.version_id is None:
        sending_to(request, upload.folder_id, is_asked=upload.document_id is not None)
    elif user:
        found_for(user, File.objects.visible_to(user), "upload", upload.version.file_id)
    return upload


def document_answered(whose, document_id):
    """A document that the firm has asked the folder's client for. Guests answer a link, not a request."""
    document = None if whose.link else document_to_send_for(whose.by, document_id)
    if document is None or document.request.folder_id != whose.folder.pk:
        raise NotForYou("document", document_id)
    return document


def file_for(user, file_id):
    """A file, in the bin or not."""
    files = File.objects.visible_to(user).select_related(
        "folder__cabinet__client",
        "folder__cabinet__held_by",
        "current__by",
        "current__link",
        "current__released_by",
        "binned_by",
    )
    return found_for(user, files, "file", file_id)


def cabinet_to_manage(user, cabinet_id):
    """For who sets a cabinet's quota and legal hold: a client's, or the firm's own."""
    cabinets = Cabinet.objects.visible_to(user).exclude(kind=Cabinet.Kind.PERSONAL)
    return found_for(user, cabinets.select_related("client", "held_by"), "cabinet", cabinet_id)


def may_purge(user):
    """Deleting for good is the firm's: a client's people put into the bin, and take out of it."""
    return not user.is_client_user and user.may(Right.DELETE_FILES)


def for_purging(view):
    """Opens a view to those who may delete for good; others get 403, whatever it is about."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        if not may_purge(request.user):
            raise PermissionDenied("Only the firm's people who may delete files can delete them for good.")
        return view(request, *args, **kwargs)

    return checked


def changeable_file_for(user, file_id):
    file = file_for(user, file_id)
    refuse_unless_changeable(user, [file], [])
    return file


def version_of(file, number):
    """The file's version of this number, as a query gives it; the current one where it gives none."""
    if not number:
        file.current.file = file
        return file.current
    version = (
        file.versions.stored().select_related("by", "link").filter(number=number).first()
        if number.isdecimal()
        else None
    )
    if version is None:
        raise NotForYou("file", file.pk)
    version.file = file
    return version


def cabinet_to_ask_for(user, cabinet_id):
    """A client's cabinet, for somebody of the firm who may ask the client for files."""
    cabinets = Cabinet.objects.visible_to(user).filter(kind=Cabinet.Kind.CLIENT).select_related("client")
    cabinet = found_for(user, cabinets, "cabinet", cabinet_id)
    must_send(user)
    return cabinet


def link_for(user, cabinet_id, link_id):
    cabinet = cabinet_to_ask_for(user, cabinet_id)
    links = RequestLink.objects.select_related("folder__cabinet__client", "by")
    return found_for(user, links.filter(folder__cabinet=cabinet), "requestlink", link_id)


def request_for(user, request_id):
    requests = Request.objects.visible_to(user).select_related("client", "folder__cabinet__client", "by")
    return found_for(
        user,
        requests.prefetch_related("documents__request", "documents__file__current", "documents__file__folder"),
        "request",
        request_id,
    )


def request_to_change(user, request_id):
    asked = request_for(user, request_id)
    must_send(user)
    return asked


def document_for(user, document_id):
    documents = RequestedDocument.objects.visible_to(user)
    documents = documents.select_related(
        "request__client", "request__folder__cabinet__client", "request__by", "file__folder"
    )
    return found_for(user, documents, "document", document_id)


def document_to_send_for(user, document_id):
    document = document_for(user, document_id)
    must_send(user)
    return document


def must_send(user):
    """Raises PermissionDenied where the account reads files only."""
    if not user.may(Right.SEND_FILES):
        raise PermissionDenied("Your account may read files here, not send them.")
