"""Somebody brings an export, a changed one, and a file from elsewhere; with JavaScript and without."""

import pytest

from tests.browser.chromium import ADMINISTRATOR


@pytest.mark.parametrize("has_scripts", [True, False])
def test_an_export_is_told_from_a_changed_and_from_a_foreign_file(has_scripts, visit, tmp_path):
    page = visit(ADMINISTRATOR, java_script_enabled=has_scripts)
    page.goto("/files/usage/")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV .csv").click()
    made = tmp_path / started.value.suggested_filename
    started.value.save_as(made)
    changed, foreign = tmp_path / f"Copy of {made.name}", tmp_path / "Ledger.csv"
    changed.write_bytes(made.read_bytes() + b"Nobody,0\r\n")
    foreign.write_text("Account,Balance\n")

    for path, words in (
        (made, "Made here, and unchanged"),
        (changed, "Not as it was made here"),
        (foreign, "Nothing is known of this file"),
    ):
        page.goto("/activity/exports/verify/")
        page.get_by_label("The file").set_input_files(path)
        if has_scripts and path is not foreign:
            page.get_by_text("the file stays on your device").wait_for()
        page.get_by_role("button", name="Verify").click()
        page.get_by_text(words).wait_for()
