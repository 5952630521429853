"""Pictures of the portal, of its demonstration firm: ``python -m tests.screenshots`` makes the README's;
``python -m tests.screenshots --all FOLDER`` every page, on a phone and on a wide screen, in light and in dark."""

import argparse
import re
from pathlib import Path

from PIL import Image

from tests.browser.chromium import ADMINISTRATOR, CLIENT, PHONE, SCHEMES, STAFF, WIDE, Visits, chromium
from tests.browser.pages import PLACES, YEAR
from tests.browser.ways import at, through
from tests.servers import ROOT, portal

README = {
    "activity-log.png": (ADMINISTRATOR, WIDE, "light", at("/activity/?q=Sandoval")),
    "client-phone.png": (CLIENT, PHONE, "light", at("/")),
    "folder-dark.png": (STAFF, WIDE, "dark", through("/files/", "Kestrel", YEAR)),
}


def of_the_readme(visits, served):
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (who, size, scheme, reach) in README.items():
        page = visits.open(who, size=size, color_scheme=scheme, device_scale_factor=2 if size == PHONE else 1)
        reach(page, served)
        save(page, folder / name)
        page.context.close()


def of_all(visits, served, folder):
    folder.mkdir(parents=True, exist_ok=True)
    pages = {}
    for number, place in enumerate(PLACES):
        page = pages.get(place.who) or pages.setdefault(place.who, visits.open(place.who, reduced_motion="reduce"))
        place.reach(page, served)
        for width, height in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                name = re.sub(r"\W+", "-", place.name)
                page.screenshot(path=folder / f"{width}-{scheme}-{number:02}-{name}.png", full_page=True)


def save(page, path):
    page.screenshot(path=path)
    Image.open(path).convert("RGB").save(path, optimize=True)
    print(f"{path} ({path.stat().st_size // 1000} KB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, into this folder")
    folder = parser.parse_args().all
    with portal(**({"MAX_UPLOAD_BYTES": "40000000"} if folder else {})) as served, chromium() as browser:
        visits = Visits(browser, served.url)
        if folder:
            of_all(visits, served, folder)
        else:
            of_the_readme(visits, served)


if __name__ == "__main__":
    main()
