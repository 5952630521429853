"""Every page of the portal, once: its name, who opens it, and the way there. Ids come from the portal's own pages."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.chromium import ADMINISTRATOR, AUDITOR, CLIENT, NOBODY, STAFF
from tests.browser.ways import (
    answer_on_another_page,
    ask_at_length,
    at,
    choose,
    choose_a_place,
    choose_list,
    enter_the_code,
    failed,
    fill_in,
    give,
    go_to,
    leave_an_upload_unfinished,
    let_the_worker_work,
    lose_the_token,
    move_a_file_to_the_bin,
    open_a_row_menu,
    open_latest_mail,
    open_link,
    open_request_link,
    open_the_bin,
    press,
    press_first,
    press_of_menu,
    send_too_much,
    show_a_file,
    then,
    through,
    tick_a_file,
    unfold,
)
from tests.servers import ROOT

COUPLE, ROASTERS, NEWCOMER = "Okafor, Daniel and Ngozi", "Kestrel Coffee Roasters, Inc.", "Aldergate Bindery LLC"
YEAR = "2025 Tax Return"
HELP = sorted(path.stem for path in (ROOT / "templates" / "help").glob("*.html") if path.stem != "page")


@dataclass(frozen=True)
class Place:
    name: str
    who: str
    reach: Callable  # of the page and the Portal


ASK_FOR_PASSWORD = then(at("/account/password/reset/"), press("Mail me the link", email=AUDITOR))
INVITE = then(
    through("/accounts/clients/", COUPLE, "Invite a person"),
    press("Send the invitation", name="Tobias Okafor", email="tobias.okafor@example.com"),
)
ADD_CLIENT = then(at("/accounts/clients/new/"), press("Add the client", name=NEWCOMER))
BIN_A_FILE = then(through("/files/", ROASTERS, YEAR), move_a_file_to_the_bin)
ADD_FOLDER = then(through("/files/", COUPLE, "New folder"), press("Make the folder", name="2026 Tax Return"))
BIN_A_FOLDER = then(
    through("/files/", ROASTERS, "New folder"),
    press("Make the folder", name="Old drafts"),
    unfold("more…"),
    press("Move this folder to the bin"),
)
LET_CLIENTS_LOOK = then(through("/files/", "Castellano"), unfold("more…"), press_of_menu("Let clients only look"))
LIST = b"Client,E-mail address,Name,Looked after by\nHeld & Sons,held@sons.example,Hera Held,staff@example.com\n"
CHECK_A_LIST = then(at("/accounts/import/"), choose_list(LIST))

ASK = then(
    through("/files/", COUPLE, "Ask for documents", "New request"),
    press(
        f"Ask {COUPLE}",
        title="2025 tax return",
        due_on="2031-03-27",
        **{
            "documents-0-name": "Form 8879, signed",
            "documents-0-hint": "So that we may file for you",
            "documents-0-due_on": "2026-01-30",
            "documents-1-name": "Form 1098 from your lender",
            "documents-2-name": "Day care receipts",
        },
    ),
)
LINK = then(
    through("/files/", COUPLE, "Ask for documents", "Request links", "New link"),
    press("Mail the link", email="appraiser@elm.example.com", title="Appraisal of 12 Elm Street"),
)
RULE = then(at("/files/retention/new/"), press("See what it would take", name="Ten years"), press("Make the rule"))
EMPTY_TEMPLATE = then(
    at("/organizer/templates/new/"),
    choose("An empty template"),
    press("Make the template", name="Trust (Form 1041)", tax_year="2026"),
)
BUSINESS_TEMPLATE = then(at("/organizer/templates/new/"), choose("Business"), press("Make the template"))
BUSINESS = "Business (Form 1120-S or 1065)"
VIEW = then(at("/reports/new/activity-log/?area=files"), press("Save the view", name="What happened to files"))
SCHEDULE = then(through("/reports/", "Schedule What happened to files"), press("Schedule it"))
ANSWER_ALL = then(
    fill_in("sections/about/", number=1), give("#q-is_married-2"), press("Save and continue", name="Ngozi Okafor")
)
SEND_AN_ORGANIZER = then(at("/organizer/send/?q=Prairie"), press("Go on with the one found"))
CABINET_SETTINGS = through("/files/", COUPLE, ".menu__item[href*='settings']")

GATE = [
    ("sign in", at("/account/login/")),
    ("verify a receipt", at("/activity/verify/")),
    (
        "verify a receipt, there is none",
        then(at("/activity/verify/"), press("Verify", receipt="Thank you for your files")),
    ),
    ("sign in, refused", then(at("/account/login/"), press("Sign in", login="nobody@example.com", password="wrong"))),
    ("set a new password", at("/account/password/reset/")),
    ("look in your mail", ASK_FOR_PASSWORD),
    ("choose a new password", then(ASK_FOR_PASSWORD, let_the_worker_work, open_latest_mail)),
    ("reset link spent", at("/account/password/reset/key/1-spent/")),
    ("your password is set", at("/account/password/reset/key/done/")),
    ("account not active", at("/account/inactive/")),
    ("invitation spent", at("/accounts/invitations/spent/")),
    ("too many tries", failed("429.html")),
    ("something went wrong", failed("500.html")),
    ("storage does not answer", failed("503.html")),
    ("storage full", failed("507.html")),
    ("file not handed out", failed("files/not_served.html")),
    ("export waits", failed("reports/waiting.html")),
    ("form too old", then(at("/account/login/"), lose_the_token, press("Sign in"))),
]
OF_A_CLIENT = [
    ("home", at("/")),
    ("menu", at("/#menu")),
    ("your files", at("/files/")),
    ("folder", through("/files/", YEAR)),
    ("choose a place", then(through("/files/", YEAR), choose_a_place)),
    ("folder, by size", through("/files/", YEAR, "Size")),
    ("search", at("/files/search/?q=2025")),
    ("file", through("/files/", YEAR, ".name__text")),
    ("preview", through("/files/", YEAR, ".folder__more [data-preview]")),
    ("what happened", at("/activity/mine/")),
    ("what happened, no match", at("/activity/mine/?to=2001-01-01")),
    ("history of a file", through("/files/", YEAR, ".name__text", "Who opened it")),
    ("your account", at("/account/")),
    ("change your password", at("/account/password/change/")),
    ("change your password, refused", then(at("/account/password/change/"), press("Change the password"))),
    ("receipt", through("/files/", YEAR, ".name__text", ".version__act a[href*='receipt']")),
    (
        "verify a receipt",
        through("/files/", YEAR, ".name__text", ".version__act a[href*='receipt']", "have them checked"),
    ),
    (
        "receipt verified",
        then(
            through("/files/", YEAR, ".name__text", ".version__act a[href*='receipt']", "have them checked"),
            press("Verify"),
        ),
    ),
    ("is it you", at("/account/reauthenticate/")),
    ("sign out", at("/account/logout/")),
    ("help center", at("/help/")),
    ("help: sending files", at("/help/sending-files/")),
    ("help: tax organizer", at("/help/organizer/")),
    ("not open to you", at("/activity/")),
    ("nothing here", at("/nowhere/")),
    ("unfinished uploads, none", at("/files/uploads/")),
    ("unfinished uploads", leave_an_upload_unfinished),
    ("files too large", then(at("/"), send_too_much)),
]
OF_A_FIRM_USER = [
    ("home", at("/")),
    ("clients", at("/accounts/clients/")),
    ("exchange", at("/files/")),
    ("exchange, more", then(at("/files/"), unfold("more…"))),
    ("exchange, no such client", at("/files/?q=zyx")),
    ("search, nothing asked", at("/files/search/")),
    ("search", at("/files/search/?q=statement&kind=pdf&bin=on")),
    ("search, no match", at("/files/search/?q=zyx")),
    ("search, not understood", at("/files/search/?q=a&from=yesterday&larger=big")),
    ("personal cabinet", then(at("/files/"), press("Personal cabinet"))),
    ("folder that clients only look at", LET_CLIENTS_LOOK),
    ("add a folder set", through("/files/", COUPLE, ".menu__item[href*='folder-sets']")),
    ("cabinet", through("/files/", COUPLE)),
    ("folder", through("/files/", COUPLE, YEAR)),
    ("folder, a file ticked", then(through("/files/", COUPLE, YEAR), tick_a_file)),
    ("folder, menu of a row", then(through("/files/", COUPLE, YEAR), open_a_row_menu)),
    ("choose a place", then(through("/files/", COUPLE, YEAR), choose_a_place)),
    ("choose a place, another client", then(through("/files/", COUPLE, YEAR), choose_a_place, go_to("Castellano"))),
    ("rename a folder", through("/files/", COUPLE, ".menu__item[href*='/name/']")),
    ("folder after its deletion", BIN_A_FOLDER),
    ("folder in the bin", then(BIN_A_FOLDER, open_the_bin, open_link("Old drafts"))),
    ("folder, a file shown beside", then(through("/files/", COUPLE, YEAR), show_a_file)),
    ("folder, more", then(through("/files/", COUPLE, YEAR), unfold("more…"))),
    ("new folder", through("/files/", COUPLE, "New folder")),
    ("new folder, refused", then(through("/files/", COUPLE, "New folder"), press("Make the folder"))),
    ("empty folder", ADD_FOLDER),
    ("file", through("/files/", COUPLE, YEAR, ".name__text")),
    ("history of a file", through("/files/", COUPLE, YEAR, ".name__text", "Who opened it")),
    ("rename", through("/files/", COUPLE, YEAR, ".name__text", "Rename")),
    ("folder after a deletion", BIN_A_FILE),
    ("bin", then(BIN_A_FILE, open_the_bin)),
    ("file in the bin", then(through("/files/", ROASTERS, ".menu__item[href*='/bin/']", ".name__text"))),
    ("empty bin", through("/files/", "Castellano", ".menu__item[href*='/bin/']")),
    ("requests, none", through("/files/", ROASTERS, "Ask for documents")),
    ("new request", through("/files/", COUPLE, "Ask for documents", "New request")),
    (
        "new request, refused",
        then(through("/files/", ROASTERS, "Ask for documents", "New request"), press(f"Ask {ROASTERS}")),
    ),
    ("request", ASK),
    ("request, change", through("/files/", COUPLE, "Ask for documents", "2025 tax return", "Change")),
    ("requested document", through("/files/", COUPLE, "Ask for documents", "2025 tax return", "Form 8879")),
    ("requests of a client", through("/files/", COUPLE, "Ask for documents")),
    ("requests", at("/files/requests/")),
    ("requests, no match", at("/files/requests/?state=closed")),
    ("home, waiting for clients", at("/")),
    ("request links, none", through("/files/", ROASTERS, "Ask for documents", "Request links")),
    ("new request link", through("/files/", COUPLE, "Ask for documents", "Request links", "New link")),
    ("request links", LINK),
    ("request link, signed in", open_request_link),
    ("delete for good", through("/files/", ROASTERS, ".menu__item[href*='/bin/']", ".button[href*='deletion']")),
    ("empty the bin", through("/files/", ROASTERS, ".menu__item[href*='/bin/']", "Empty the bin")),
    ("about to go, nothing", at("/files/retention/due/")),
    ("organizers", at("/organizer/")),
    ("organizers, no match", at("/organizer/?q=zyx")),
    ("organizers of one client", through("/accounts/clients/", COUPLE, ".menu__item[href*='organizer/?']")),
    ("send an organizer", at("/organizer/send/")),
    ("send an organizer, refused", then(at("/organizer/send/"), press("Go on with the ticked clients"))),
    ("send an organizer, last look", SEND_AN_ORGANIZER),
    ("send an organizer, sent", then(SEND_AN_ORGANIZER, press("Send to 1 client"))),
    ("organizer, started", through("/organizer/", COUPLE)),
    ("organizer, change", through("/organizer/", COUPLE, ".menu__item[href*='/change/']")),
    ("organizer, what was changed", through("/organizer/", COUPLE, ".menu__item[href*='/changes/']")),
    ("organizer, submitted", through("/organizer/", "Castellano")),
    (
        "organizer, marks refused",
        then(through("/organizer/", "Castellano"), ask_at_length, press_first("Save the marks")),
    ),
    (
        "organizer, a secret answer",
        then(through("/organizer/", "Castellano"), press("Show Social Security number or ITIN")),
    ),
    ("organizer, to print", through("/organizer/", "Castellano", ".menu__item[href$='/print/']")),
    ("organizer, open again", through("/organizer/", "Castellano", "Open again")),
    ("organizer, seal", through("/organizer/", ROASTERS, "Seal")),
    ("activity", at("/files/activity/?action=files.binned")),
    ("access to files, no client", at("/files/access/")),
    ("access to files", through("/accounts/clients/", COUPLE, ".menu__item[href*='access']")),
    ("activity of one client", through("/files/", "Castellano", ".menu__item[href*='activity']")),
    ("usage", at("/files/usage/")),
    ("usage of one client", through("/files/", COUPLE, ".menu__item[href*='usage']")),
    ("saved views, none", at("/reports/")),
    ("client", through("/accounts/clients/", COUPLE)),
]
OF_A_GUEST = [
    ("request link", open_request_link),
    ("code", then(open_request_link, press("Mail me the code"))),
    ("send over a link", then(open_request_link, press("Mail me the code"), enter_the_code)),
    ("request link, ended", at("/files/links/never/")),
]
OF_A_CLIENT_WHO_IS_ASKED = [
    ("home, asked", at("/")),
    ("request", through("/", "2025 tax return")),
    ("requested document", through("/", "Form 8879")),
]
OF_A_CLIENT_WITH_AN_ORGANIZER = [
    ("organizer", fill_in()),
    (
        "organizer, what to put right",
        then(fill_in("sections/about/"), press("Save and continue", ssn="12", name="Ngozi")),
    ),
    ("organizer, another answered", then(fill_in("sections/about/"), answer_on_another_page)),
    (
        "organizer, a group",
        then(fill_in("sections/about/"), give("#q-is_married-1"), fill_in("sections/children/"), press("Add: Child")),
    ),
    ("organizer, files", fill_in("files/w2/")),
    ("organizer, all answers", fill_in("check/")),
    ("organizers", at("/organizer/")),
    ("home, organizers", at("/")),
    ("organizer, not signed", then(ANSWER_ALL, fill_in("check/", number=1), press("Send to your firm"))),
    (
        "organizer, done",
        then(
            fill_in("check/", number=1),
            choose("I agree to this"),
            press("Send to your firm", signature="Ngozi Okafor"),
        ),
    ),
    ("organizer, sent", fill_in(number=1)),
    ("organizer, answers sent", fill_in("check/", number=1)),
]
OF_AN_AUDITOR = [
    ("home", at("/")),
    ("activity log", at("/activity/?action=accounts.joined")),
    ("integrity", at("/activity/integrity/")),
    ("status", at("/status/")),
    ("event", through("/activity/?action=accounts.joined", ".log__time a")),
    ("activity", at("/files/activity/?action=files.renamed")),
    ("usage", at("/files/usage/")),
]
OF_AN_ADMINISTRATOR = [
    ("home", at("/")),
    ("menu", at("/#menu")),
    ("clients", at("/accounts/clients/")),
    ("clients, no such client", at("/accounts/clients/?q=zyx")),
    ("add a client", at("/accounts/clients/new/")),
    ("add a client, refused", then(at("/accounts/clients/new/"), press("Add the client"))),
    ("client added", ADD_CLIENT),
    ("client with nobody", through("/accounts/clients/", NEWCOMER)),
    ("cabinet with nothing", through("/files/", NEWCOMER)),
    ("client", through("/accounts/clients/", COUPLE)),
    ("person invited", INVITE),
    ("invitation", open_latest_mail),
    ("firm users", at("/accounts/firm-users/")),
    ("firm users, nobody", at("/accounts/firm-users/?q=zyx")),
    ("person of the firm", through("/accounts/firm-users/", "staff@example.com")),
    ("person of the firm, more", then(through("/accounts/firm-users/", "staff@example.com"), unfold("more…"))),
    ("person, change", through("/accounts/firm-users/", "staff@example.com", "Change name and rights")),
    ("person, delete", through("/accounts/firm-users/", "staff@example.com", ".menu__item--bad")),
    ("client, more", then(through("/accounts/clients/", COUPLE), unfold("more…"))),
    ("client, change", through("/accounts/clients/", COUPLE, ".menu__item[href*='change']")),
    ("client, delete", through("/accounts/clients/", COUPLE, ".menu__item--bad")),
    ("person of a client", through("/accounts/clients/", COUPLE, "client@example.com")),
    ("import", at("/accounts/import/")),
    ("import, things to put right", then(at("/accounts/import/"), choose_list(LIST.replace(b"@", b" at ")))),
    ("import, preview", CHECK_A_LIST),
    ("import, finished", then(CHECK_A_LIST, choose("Hold them"), press("Import 1 row"))),
    ("held invitations", at("/accounts/held-invitations/")),
    ("roster", at("/accounts/roster/")),
    ("sign-ins", at("/accounts/sign-ins/")),
    ("sign-ins, no match", at("/accounts/sign-ins/?seen=365")),
    ("held invitations, sent", then(at("/accounts/held-invitations/"), press("Send 1 invitation"))),
    ("roster, no match", at("/accounts/roster/?q=zyx")),
    ("second factor", at("/account/2fa/")),
    ("sessions", at("/account/sessions/")),
    ("invite a firm user", at("/accounts/firm-users/new/")),
    ("invite a firm user, refused", then(at("/accounts/firm-users/new/"), press("Send the invitation"))),
    ("firm settings", at("/accounts/settings/")),
    ("set up the portal", at("/setup/")),
    ("set up, your firm", at("/setup/firm/")),
    ("set up, your firm refused", then(at("/setup/firm/"), press("Save and go on", name=""))),
    ("set up, mail", then(at("/setup/mail/"), press("Send a test mail"))),
    ("set up, storage", then(at("/setup/storage/"), press("Test the storage"))),
    ("set up, scanner", at("/setup/scanner/")),
    ("set up, second factor", at("/setup/second-factor/")),
    ("set up, colleagues", at("/setup/people/")),
    ("set up, backup", then(at("/setup/backup/"), press("Skip"), at("/setup/backup/"))),
    ("your account", at("/account/")),
    ("activity log", at("/activity/")),
    ("activity log, filter", at("/activity/?action=files.renamed#filters")),
    ("activity log, filtered", at("/activity/?action=files.uploaded&q=W-2")),
    ("activity log, export", then(at("/activity/?action=files.renamed"), unfold("Export"))),
    ("events per day", at("/activity/chart/?client=1")),
    ("events per day, filter not understood", at("/activity/chart/?from=yesterday")),
    ("activity log, no match", at("/activity/?q=zyx")),
    ("activity log, filter not understood", at("/activity/?from=yesterday")),
    ("activity log, views", then(at("/activity/?action=files.renamed"), unfold("Views"))),
    ("save a view", at("/reports/new/activity-log/?area=files")),
    ("save a view, refused", then(at("/reports/new/activity-log/?area=files"), press("Save the view"))),
    ("save a view, filter not understood", at("/reports/new/activity-log/?from=yesterday")),
    ("new template", at("/organizer/templates/new/")),
    (
        "new template, refused",
        then(at("/organizer/templates/new/"), choose("An empty template"), press("Make the template", name="Trust")),
    ),
    ("template, empty", EMPTY_TEMPLATE),
    ("template, not ready", then(EMPTY_TEMPLATE, press("Publish"))),
    ("template", BUSINESS_TEMPLATE),
    ("templates", at("/organizer/templates/")),
    ("template, more", then(through("/organizer/templates/", BUSINESS), unfold("more…"))),
    ("template, words", through("/organizer/templates/", BUSINESS, ".section__head a[href*='words']")),
    ("template, copy", through("/organizer/templates/", BUSINESS, ".menu__item[href*='copy']")),
    ("template, discard", through("/organizer/templates/", BUSINESS, ".menu__item[href*='deletion']")),
    ("template, new section", through("/organizer/templates/", BUSINESS, "Add a section")),
    ("template, section", through("/organizer/templates/", BUSINESS, "Owners")),
    ("template, words of a section", through("/organizer/templates/", BUSINESS, "Owners", "Title and introduction")),
    ("template, remove a section", through("/organizer/templates/", BUSINESS, "The business", "Remove")),
    ("template, group", through("/organizer/templates/", BUSINESS, "Owners", ".tasks a[href*='questions/owner/']")),
    (
        "template, question with a condition",
        through("/organizer/templates/", BUSINESS, "The business", ".tasks a[href*='changes_detail']"),
    ),
    (
        "template, question refused",
        then(
            through("/organizer/templates/", BUSINESS, "The business", "Add a question"),
            press("Add the question", label=""),
        ),
    ),
    (
        "template, remove a question",
        through("/organizer/templates/", BUSINESS, "The business", ".tasks a[href*='questions/entity/']", "Remove"),
    ),
    ("template, preview", through("/organizer/templates/", BUSINESS, "Preview")),
    ("template, published", then(through("/organizer/templates/", BUSINESS), press("Publish"))),
    ("saved views", then(VIEW, at("/reports/"))),
    ("scheduled reports, none", at("/reports/schedules/")),
    ("schedule a report", through("/reports/", "Schedule What happened to files")),
    (
        "schedule a report, refused",
        then(through("/reports/", "Schedule What happened to files"), press("Schedule it", name="")),
    ),
    ("scheduled report", SCHEDULE),
    (
        "scheduled report, being made",
        then(through("/reports/schedules/", "What happened to files"), press("Make it now")),
    ),
    (
        "run of a report",
        then(at("/"), let_the_worker_work, through("/reports/schedules/", "What happened to files", ".table__lead a")),
    ),
    ("scheduled reports", at("/reports/schedules/")),
    ("scheduled report, change", through("/reports/schedules/", "What happened to files", "Change")),
    ("scheduled report, delete", through("/reports/schedules/", "What happened to files", "Delete this schedule")),
    ("scheduled report, paused", then(through("/reports/schedules/", "What happened to files"), press("Pause"))),
    ("saved view, change", through("/reports/", "Change What happened to files")),
    ("saved view, delete", through("/reports/", "Change What happened to files", "Delete it")),
    ("integrity", then(at("/activity/integrity/"), press("Make one now"))),
    ("event", through("/activity/?action=files.uploaded", ".log__time a")),
    ("event with a change", through("/activity/?action=files.renamed", ".log__time a")),
    ("export not understood", at("/activity.csv?from=yesterday")),
    ("verify an export", at("/activity/exports/verify/")),
    ("verify an export, refused", then(at("/activity/exports/verify/"), press("Verify"))),
    ("verify an export, foreign", then(at("/activity/exports/verify/"), press("Verify", sha256="0" * 64))),
    ("exchange settings", at("/files/settings/")),
    ("exchange settings, refused", then(at("/files/settings/"), press("Save the settings", quota_gb="0"))),
    ("space and legal hold", CABINET_SETTINGS),
    ("legal hold placed", then(CABINET_SETTINGS, press("Place a legal hold", reason="Subpoena of March 3"))),
    ("legal hold keeps", through("/files/", COUPLE, ".menu__item[href*='/bin/']")),
    ("legal hold lifted", then(CABINET_SETTINGS, press("Lift the hold"))),
    ("retention", at("/files/retention/")),
    ("new retention rule", at("/files/retention/new/")),
    ("retention rules", RULE),
    ("housekeeping", at("/files/housekeeping/")),
    ("status", at("/status/")),
    ("usage", at("/files/usage/")),
    ("usage by client", at("/files/usage/clients/")),
    ("usage, trend", at("/files/usage/trend/")),
    ("make room", at("/files/usage/trim/")),
    ("make room, duplicates", at("/files/usage/trim/?list=duplicates")),
    ("make room, review", then(at("/files/usage/trim/"), press("All of this list"))),
    ("make room, nothing", at("/files/usage/trim/?list=duplicates&client=1")),
    ("folder sets", at("/files/folder-sets/")),
    ("folder set", through("/files/folder-sets/", "Individual return")),
    (
        "folder set, refused",
        then(at("/files/folder-sets/new/"), press("Save the set", title="Books", folders="{month}")),
    ),
    ("delete a folder set", through("/files/folder-sets/", "Individual return", "Delete the set")),
    ("usage of nobody", through("/files/", NEWCOMER, ".menu__item[href*='usage']")),
    ("checks", at("/files/checks/")),
    ("mails of the demonstration", then(INVITE, at("/demonstration/mail/"))),
    ("help center", at("/help/")),
    *((f"help: {slug}", at(f"/help/{slug}/")) for slug in HELP),
]
PLACES = [
    Place(f"{label}: {name}" if label else name, who, reach)
    for label, who, places in (
        ("", NOBODY, GATE),
        ("client", CLIENT, OF_A_CLIENT),
        ("firm user", STAFF, OF_A_FIRM_USER),
        ("guest", NOBODY, OF_A_GUEST),
        ("client", CLIENT, OF_A_CLIENT_WHO_IS_ASKED),
        ("client", CLIENT, OF_A_CLIENT_WITH_AN_ORGANIZER),
        ("auditor", AUDITOR, OF_AN_AUDITOR),
        ("administrator", ADMINISTRATOR, OF_AN_ADMINISTRATOR),
    )
    for name, reach in places
]
