"""A Run in words: Markdown, to be put into docs/sizing.md as it is."""

import statistics

from tests.load import machine
from tests.load.book import percentile

PAGES = (
    *("Sign-in page", "Home", "Folder", "File", "Own activity"),
    "Log, filtered",
)
KINDS = (
    *PAGES,
    *("Signing in", "Way to the cabinet", "Upload, begin", "Upload, part", "Upload, complete", "Download"),
    *("Export, CSV", "Export, Excel", "Signing out"),
)
MOMENTS = 10  # of the run, for memory over time


def told(run):
    book, seconds = run.book, run.seconds
    return "\n".join(
        [
            f"**{run.engine} and a folder**: {run.clients} clients and an administrator for {seconds:.0f} s, on "
            f"{machine.in_words()}, a flush of the disk at {run.flush_ms:.2f} ms; what sent the requests ran on it too.",
            "",
            "| | |",
            "| --- | --- |",
            f"| requests | {book.count:,}, {book.count / seconds:.1f} a second |",
            f"| what went wrong | {len(run.faults)} |",
            f"| uploads | {len(book.kept):,} files, {_rate(book.sent_bytes, seconds)} |",
            f"| downloads and exports | {_rate(book.fetched_bytes, seconds)} |",
            f"| events in the log at the end | {run.events:,} |",
            f"| processors | {run.watch.busy_share:.0%} of all busy; {_cores(run.watch)} |",
            "",
            "| milliseconds until the last byte | requests | p50 | p95 | p99 | most |",
            "| --- | --- | --- | --- | --- | --- |",
            _times("**All pages**", [one for kind in PAGES for one in book.seconds[kind]]),
            *(_times(kind, book.seconds[kind]) for kind in KINDS),
            "",
            *_memory(run.watch),
        ]
    )


def _rate(size_bytes, seconds):
    return f"{size_bytes / 1000**2:,.0f} MB, {size_bytes / 1000**2 / seconds:.1f} MB a second"


def _cores(watch):
    return ", ".join(f"{name} {cores:.2f}" for name, cores in watch.cores.items())


def _times(name, seconds):
    if not seconds:
        return f"| {name} | 0 | | | | |"
    figures = [percentile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99, 1)]
    return f"| {name} | {len(seconds):,} | {' | '.join(f'{figure:,.0f}' for figure in figures)} |"


def _memory(watch):
    """Of each process, the median of each tenth of the time, and the growth that was looked at."""
    yield f"| MB held, in each tenth of the time | {' | '.join(map(str, range(1, MOMENTS + 1)))} | peak | last third / middle |"
    yield f"| --- |{' --- |' * (MOMENTS + 2)}"
    for name, values in watch.mb.items():
        length = len(values)
        parts = [values[length * n // MOMENTS : length * (n + 1) // MOMENTS] for n in range(MOMENTS)]
        cells = [f"{statistics.median(part):.0f}" for part in parts if part]
        yield f"| {name} | {' | '.join(cells)} | {max(values):.0f} | {watch.growth(name):+.1%} |"
