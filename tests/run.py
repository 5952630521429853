"""Runs the stages of the suite: ``python -m tests.run lint sqlite postgresql prove``. Ends with the first that fails."""

import os
import signal
import subprocess
import sys
import tempfile

from tests.servers import ROOT, postgresql

PRODUCTION = {
    "BASE_URL": "https://portal.example.com",
    "SECRET_KEY": "a production key is fifty random characters, unlike this one",
    "TRUSTED_PROXY_COUNT": "1",
}
LINTERS = [
    ["ruff", "check", "--quiet", "."],
    ["ruff", "format", "--quiet", "--check", "."],
    ["lint-imports", "--no-cache"],
    [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
]


def lint():
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    with tempfile.TemporaryDirectory(prefix="portal-lint-", dir="/tmp") as var:
        for command in [*LINTERS, ["djade", "--target-version", "5.2", "--check", *templates]]:
            print("$", " ".join(command[:4]), flush=True)
            _run(command, **PRODUCTION, VAR_DIR=var)


# With the slow proofs: every page four times over, long ways through a portal of their own, what waits for a clock, and every
# address with marked secrets. Left in the suite: the story, scripts, and all of it without JavaScript
LONG = [
    *(f"tests/browser/test_{name}.py" for name in ("accessibility", "accessibility_of_administration", "choosing")),
    *(f"tests/browser/test_{name}.py" for name in ("importing", "joining", "keyboard", "making_room")),
    *(f"tests/browser/test_{name}.py" for name in ("organizer_filling", "organizer_following", "organizer_story")),
    *(f"tests/browser/test_{name}.py" for name in ("questions", "requests", "saved_views", "second_factor")),
    *(f"tests/browser/test_{name}.py" for name in ("previewing", "setting_up", "templates")),
    *(f"tests/browser/test_{name}.py" for name in ("uploading", "verifying")),
    "tests/accounts/test_held_invitations.py::test_five_thousand_in_parts_of_less_than_a_second",
    "tests/accounts/test_importing_in_parts.py::test_five_thousand_rows_at_once",
    "tests/accounts/test_second_factor.py::test_a_code_used_in_one_process_is_used_in_all",
    "tests/activity/test_no_secrets.py",
    "tests/files/test_zip.py::test_two_hundred_files_come_in_their_folders_byte_for_byte",
    "tests/operations/test_moving_storage.py",
    "tests/organizer/test_secrets.py",
    "tests/reports/test_writers.py::test_memory_does_not_grow_with_the_rows",
]


def sqlite():
    _pytest(*(f"--deselect={test}" for test in LONG))


# The same whatever the engine: what the browser does with pages, words, names, who may open what, the files that are written
# or looked into, and what a settings file may say. The story goes through all of it on both.
OF_NO_ENGINE = (
    *(
        f"accounts/test_{name}"
        for name in ("firm_settings", "hashers", "importing_files", "names", "password_rules", "second_factor")
    ),
    *(f"files/test_{name}" for name in ("awkward_names", "names", "preview", "serving", "storage", "view_only", "zip")),
    *(
        f"operations/test_{name}"
        for name in ("damaged_backups", "first_run", "health", "pruning_backups", "release_notes")
    ),
    *(
        f"organizer/test_{name}"
        for name in ("definition", "kinds", "read_aloud", "shipped", "templates", "templates_editing")
    ),
    *(
        f"portal/test_{name}"
        for name in ("access", "console", "demonstration_documents", "documents", "headers", "help")
    ),
    *(
        f"portal/test_{name}"
        for name in ("home", "mailbox", "patterns", "query_counts", "server_log", "start", "wording")
    ),
    "reports/test_writers*",
)


def on_postgresql():
    """All but OF_NO_ENGINE."""
    ignored = [path for name in OF_NO_ENGINE for path in (ROOT / "tests").glob(f"{name}.py")]
    ignored += set((ROOT / "tests" / "browser").glob("test_*.py")) - {ROOT / "tests" / "browser" / "test_story.py"}
    left_out = [*(f"--ignore={path}" for path in ignored), *(f"--deselect={test}" for test in LONG)]
    with postgresql(is_durable=False) as url:
        _pytest(*left_out, DATABASE_URL=url)


def prove():
    _run([sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", *LONG])
    _run([sys.executable, "-m", "pytest", "tests/prove", "-v", "-p", "no:cacheprovider"])


STAGES = {"lint": lint, "sqlite": sqlite, "postgresql": on_postgresql, "prove": prove}


def _pytest(*options, **env):
    workers = os.environ.get("TEST_WORKERS", "2")
    _run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            workers,
            "--dist",
            "loadscope",
            "--no-loadscope-reorder",  # in the order of tests.standing
            "tests",
            "--ignore",
            "tests/prove",
            *options,
        ],
        **env,
    )


def _run(command, **env):
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code:
        sys.exit(code)


if __name__ == "__main__":
    # so that a terminated run stops its servers on the way out
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for stage in sys.argv[1:]:
        print(f"\n=== {stage}", flush=True)
        STAGES[stage]()
