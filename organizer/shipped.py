"""The templates that come with the portal: organizer/shipped/*.json, for a firm to begin with."""

import json
from functools import cache
from pathlib import Path

from organizer.definition import from_json

FOLDER = Path(__file__).parent / "shipped"


@cache
def shipped():
    """{name of the file: Questionnaire}, the longest first."""
    found = {path.stem: from_json(json.loads(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.json")}
    return dict(sorted(found.items(), key=lambda one: (-one[1].asked_count, one[0])))
