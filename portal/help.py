"""The Help Center's pages: their address, title, and whom they are for. The words are in templates/help/<slug>.html."""

from dataclasses import dataclass

from accounts.models import Role

CLIENTS = (Role.CLIENT_USER,)
STAFF = (Role.ADMINISTRATOR, Role.FIRM_USER)
LOG_READERS = (Role.ADMINISTRATOR, Role.AUDITOR)
EVERYONE = tuple(Role)


@dataclass(frozen=True)
class HelpPage:
    slug: str
    title: str
    summary: str
    roles: tuple


PAGES = [
    HelpPage("signing-in", "Sign in, and set a new password", "Invitations, passwords, and what to do when it fails.", EVERYONE),
    HelpPage("second-factor", "Second factor", "Passkeys, authenticator app, recovery codes, and a lost phone.", EVERYONE),
    HelpPage("sending-files", "Send files", "From a computer or a phone, and how you know they arrived.", CLIENTS + STAFF),
    HelpPage("fetching-files", "Fetch files", "Downloads, earlier versions, and who else sees a file.", CLIENTS + STAFF),
    HelpPage("managing-files", "Rename, move, delete, put back", "Folders, versions, notes, the bin, and who may do it.", CLIENTS + STAFF),
    HelpPage("trail", "What happened with your files", "Who opened them, and what you and your people did.", CLIENTS),
    HelpPage("organizer", "Fill in the Tax Organizer", "Stop and come back, what is missing, submit, and what then.", CLIENTS),
    HelpPage("asking-for-documents", "Ask a client for documents", "Lists to tick off, reminders, links for others.", STAFF),
    HelpPage("organizer-staff", "Tax Organizers", "Templates, sending, following, review, and taking the answers away.", STAFF),
    HelpPage("checks-and-receipts", "Checks and receipts", "What is held back, and what proves that a file arrived.", EVERYONE),
    HelpPage("cabinets", "Cabinets and folder sets", "The firm’s cabinet and your own, and folders made together.", STAFF),
    HelpPage("space", "Space, bin and retention", "Quotas, deleting for good, legal hold, and rules that clear away by age.", STAFF),
    HelpPage("clients", "Add a client and its people", "Invitations, and who at the firm sees a client.", STAFF),
    HelpPage("importing", "Import clients from a list", "Excel or CSV: the columns, and what happens when.", (Role.ADMINISTRATOR,)),
    HelpPage("setting-up", "Set up the portal", "The first steps, what each test means, and what to do.", (Role.ADMINISTRATOR,)),
    HelpPage("firm-settings", "Firm users and firm settings", "Roles, name, logo, color, time zone.", (Role.ADMINISTRATOR,)),
    HelpPage("activity-log", "Read the Activity Log", "Who signed in and what they did; filters and what they mean.", LOG_READERS),
    HelpPage("log-integrity", "Show that the log is whole", "Checks, checkpoints, archives, and what they prove.", LOG_READERS),
    HelpPage("status", "Status", "Whether everything that the portal needs works, and what to do.", LOG_READERS),
    HelpPage("backups", "Backups, and after a restore", "Whether they are made, and what a restore changes.", LOG_READERS),
    HelpPage("file-activity", "Activity of the Secure File Exchange", "Who sent, fetched and deleted which file.", STAFF + LOG_READERS),
    HelpPage("access", "Access to files", "Who opened a client’s files, for a notice of a breach, or just to know.", STAFF + LOG_READERS),
    HelpPage("usage", "Usage of the storage", "Who stores how much, how it is counted, and how to make room.", STAFF + LOG_READERS),
    HelpPage("roster", "Roster", "Who has an account, what they may do, and where each account stands.", STAFF + LOG_READERS),
    HelpPage("sign-ins", "Sign-ins", "Who signed in last and from where, who never did, and failed tries.", STAFF + LOG_READERS),
    HelpPage("saved-views", "Saved views", "Keep a report's filter, come back to it, share it.", STAFF + LOG_READERS),
    HelpPage("scheduled-reports", "Scheduled reports", "A file daily, weekly or monthly, and who is told.", STAFF + LOG_READERS),
    HelpPage("exports", "Excel, Word and CSV", "Take a report away, and what the file says about itself.", STAFF + LOG_READERS),
]  # fmt: skip


def pages_for(user):
    return [page for page in PAGES if user.role in page.roles]
