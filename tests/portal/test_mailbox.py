from django.core.mail import send_mail

from accounts.models import Firm


def test_the_demonstration_shows_the_mails_that_it_wrote_the_newest_first(sign_in, cast, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    Firm.objects.update(is_demonstration=True)
    browser = sign_in(cast.administrator)
    assert "No mails yet" in browser.get("/demonstration/mail/").text

    for email in ("first@acme.example.com", "second@acme.example.com"):
        mail_to(email)
    page = browser.get("/demonstration/mail/")

    assert [mail.to for mail in page.context["mails"]] == ["second@acme.example.com", "first@acme.example.com"]
    assert '<a href="http://localhost:8000/x/">http://localhost:8000/x/</a>' in page.text
    assert "Bed &amp; &lt;Breakfast&gt;" in page.text


def mail_to(email):
    send_mail("Bed & <Breakfast>", "Follow\nhttp://localhost:8000/x/\nto it", None, [email])


def test_elsewhere_there_is_no_such_page(sign_in, cast, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)

    assert sign_in(cast.administrator).get("/demonstration/mail/").status_code == 404
