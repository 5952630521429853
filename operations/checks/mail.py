"""Mail: invitations, notices and links for new passwords come by it."""

import smtplib
import socket
import ssl

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from operations.findings import ok, warning, wrong

LOCAL = ("localhost", "127.0.0.1", "::1")
SECONDS = 20


def mail():
    """The mail server lets the portal in. Nothing is sent."""
    connection = get_connection()
    if not isinstance(connection, EmailBackend):
        yield _without_server()
        return
    connection.timeout = SECONDS
    try:
        connection.open()
        code, _ = connection.connection.noop()
    except OSError as problem:
        yield wrong(in_words(problem))
        return
    finally:
        connection.close()
    if code != 250:
        yield wrong(f"{_server()} answers {code}; look at its own log")
    elif settings.EMAIL_HOST_USER and not _is_encrypted() and settings.EMAIL_HOST not in LOCAL:
        yield warning(f"the password goes to {_server()} in the clear; use smtp+tls:// or smtp+ssl:// in EMAIL_URL")
    elif settings.EMAIL_HOST_USER:
        yield ok(f"{_server()} takes the portal's user and password")
    else:
        yield ok(f"{_server()} answers; it asks for no password")


def sender():
    """EMAIL_FROM is an address that others can answer to and that servers do not refuse."""
    address = settings.DEFAULT_FROM_EMAIL
    host = address.rpartition("@")[2].rstrip("> ")
    if host in LOCAL or "." not in host:
        yield warning(
            f"mails come from {address}, which other servers refuse; set EMAIL_FROM to an address of the firm's"
        )
    else:
        yield ok(f"mails come from {address}; the domain's SPF record must name the mail server")


def send_test_mail(address):
    """What came of a mail that is sent to this address, as a Finding."""
    try:
        get_adapter().send_mail("operations/mail/test", address, {})
    except OSError as problem:
        return wrong(in_words(problem))
    if not _sends():
        return _without_server()
    return ok(f"the mail server took a mail to {address}; if it does not come, look in the spam folder")


def in_words(problem):
    """What went wrong with the mail server, and what to do. No word of the server's own: it may repeat what it was told."""
    where = _server()
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return f"{where} refuses the user or password of EMAIL_URL ({problem.smtp_code}); signs in %-encoded go there"
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return f"{where} refuses the sender ({problem.smtp_code}); set EMAIL_FROM to an address that it may send for"
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return f"{where} refuses the recipient; it may relay only for users who sign in: give them in EMAIL_URL"
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return f"{where} does not do what EMAIL_URL asks for; try smtp+tls:// with port 587, or smtp+ssl:// with 465"
    if isinstance(problem, ssl.SSLError):
        return f"{where} and the portal do not agree on TLS; use smtp+tls:// with port 587, or smtp+ssl:// with 465"
    if isinstance(problem, socket.gaierror):
        return f"the name {settings.EMAIL_HOST} leads to no machine; look at the host in EMAIL_URL"
    if isinstance(problem, ConnectionRefusedError):
        return f"nobody listens at {where}; look at host and port in EMAIL_URL"
    if isinstance(problem, TimeoutError):
        return f"{where} does not answer; many hosts block port 25: try 587, and look at the firewall"
    code = getattr(problem, "smtp_code", None)
    return f"{where} broke off ({code or type(problem).__name__}); look at EMAIL_URL, and at the mail server's own log"


def _without_server():
    place = getattr(settings, "EMAIL_FILE_PATH", "memory")
    return warning(f"no mail server is set, and nobody gets a mail; they lie in {place}. Set EMAIL_URL")


def _sends():
    return isinstance(get_connection(), EmailBackend)


def _is_encrypted():
    return settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL


def _server():
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
