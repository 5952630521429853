"""What holds for every kind of file: it is written, opened by another reader, and compared with its rows."""

import gc
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isal import isal_zlib

from reports.writers import WRITERS, Column
from tests.reports.written import (
    AWKWARD,
    COLUMNS,
    FACTS,
    LABELS,
    NOON,
    ZONE,
    batches,
    expected_csv,
    expected_docx,
    expected_xlsx,
    on_the_clock,
    read_csv,
    read_docx,
    read_xlsx,
    rows_of,
    texts_of,
    values_of,
    written,
)


def check_csv(rows):
    assert read_csv(written("csv", rows)) == [LABELS, *map(expected_csv, rows)]


def check_xlsx(rows):
    _, [sheet] = read_xlsx(written("xlsx", rows))
    assert [cell.value for cell in sheet[1]] == LABELS
    assert values_of(sheet) == [expected_xlsx(row) for row in rows]


def check_docx(rows):
    _, *tables = read_docx(written("docx", rows)).tables
    assert [row for table in tables for row in texts_of(table)[1:]] == [expected_docx(row) for row in rows]


CHECKS = {"csv": check_csv, "xlsx": check_xlsx, "docx": check_docx}
every_kind = pytest.mark.parametrize("kind", WRITERS)


@every_kind
def test_awkward_text_is_read_back(kind):
    CHECKS[kind](rows_of(AWKWARD))


@every_kind
def test_empty_cells_are_read_back(kind):
    CHECKS[kind]([(1, None, "a", None, 0.5), (None, NOON, None, 0, None), (0, NOON, None, None, 0.0)])


@every_kind
def test_times_are_by_the_clocks_of_the_zone_on_both_days_they_change(kind):
    spring = datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC)
    autumn = datetime(2026, 11, 1, 5, 59, 59, tzinfo=ZoneInfo("UTC"))
    moments = [spring, spring + timedelta(seconds=1), autumn, autumn + timedelta(seconds=1)]
    local = ["2026-03-08 01:59:59", "2026-03-08 03:00:00", "2026-11-01 01:59:59", "2026-11-01 01:00:00"]
    assert [str(on_the_clock(moment)) for moment in moments] == local
    CHECKS[kind]([(1, moment.astimezone(ZoneInfo("Asia/Kolkata")), "a", 1, 0.1) for moment in moments])


any_text = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=()))
any_time = st.datetimes(datetime(1900, 3, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
any_row = st.tuples(
    st.none() | st.integers(-(10**15), 10**15),
    st.none() | any_time,
    st.none() | any_text,
    st.none() | st.integers(0, 2**50),
    st.none() | st.floats(0, 1),
)


def any_value(row):
    """Whether a row has a value: openpyxl does not count empty rows at the end."""
    return any(value is not None for value in row)


@every_kind
def test_whatever_is_written_is_read_back(kind):
    @settings(max_examples=40, deadline=None, database=None)
    @given(st.lists(any_row, min_size=1, max_size=8).filter(lambda rows: any_value(rows[-1])))
    def property_holds(rows):
        CHECKS[kind](rows)

    property_holds()


@every_kind
def test_no_rows_is_a_file_all_the_same(kind):
    data = written(kind, [])
    if kind == "csv":
        assert data == b"\xef\xbb\xbfNo.,Time,File,Size,Share\r\n"
    elif kind == "xlsx":
        _, [sheet] = read_xlsx(data)
        assert (sheet.max_row, sheet.auto_filter.ref) == (1, "A1:E1")
    else:
        document = read_docx(data)
        assert len(document.tables) == 1
        assert "No rows." in [paragraph.text for paragraph in document.paragraphs]


@every_kind
def test_the_file_begins_before_a_batch_is_asked_for_and_goes_on_with_each(kind):
    asked_after = []

    def watched():
        for batch in batches(rows_of("abcdefg"), size=2):
            asked_after.append(len(pieces))
            yield batch

    pieces = []
    stream = WRITERS[kind].stream(COLUMNS, FACTS, watched(), zone=ZONE)
    pieces.append(next(stream))
    assert asked_after == []
    assert pieces[0].startswith(b"\xef\xbb\xbfNo." if kind == "csv" else b"PK\x03\x04")
    pieces.extend(stream)
    assert len(asked_after) == 4
    assert asked_after == sorted(set(asked_after))


@every_kind
def test_batches_that_raise_leave_nothing_that_looks_complete(kind):
    def broken():
        yield rows_of("abc")
        raise ConnectionError("the database went away")

    pieces = []
    with pytest.raises(ConnectionError):
        for piece in WRITERS[kind].stream(COLUMNS, FACTS, broken(), zone=ZONE):
            pieces.append(piece)
    data = b"".join(pieces)
    assert data
    assert not zipfile.is_zipfile(io.BytesIO(data))
    assert b"PK\x01\x02" not in data


@every_kind
@pytest.mark.filterwarnings("error")
def test_a_reader_who_leaves_early_leaves_no_trouble(kind):
    for pieces in (1, 3, 12):
        stream = WRITERS[kind].stream(COLUMNS, FACTS, batches(rows_of("abcdefghijklmnop")), zone=ZONE)
        for _ in zip(range(pieces), stream, strict=False):
            pass
        stream.close()
    gc.collect()


@every_kind
def test_a_row_of_another_length_is_refused(kind):
    with pytest.raises(ValueError):
        written(kind, [(1, NOON, "a", 1)])


@every_kind
def test_memory_does_not_grow_with_the_rows(kind):
    columns = COLUMNS[1:3]
    peaks = []
    for count in (2_000, 2_000, 60_000 if kind == "docx" else 200_000):
        same = [(NOON, "Tax return.pdf")] * 1_000
        stream = WRITERS[kind].stream(columns, FACTS, (same for _ in range(count // 1_000)), zone=ZONE)
        tracemalloc.start()
        for _ in stream:
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 500_000, peaks


def test_csv_is_rfc_4180_to_the_byte():
    rows = [
        (-5, NOON, 'a "b", c\r\nd\\', 2**40, 0.25),
        (None, None, "'quoted", None, None),
        (1, None, "=1", 0, 1.0),
    ]
    assert written("csv", rows) == (
        b"\xef\xbb\xbfNo.,Time,File,Size,Share\r\n"
        b'-5,2026-03-12 14:32:07,"a ""b"", c\r\nd\\",1099511627776,0.25\r\n'
        b",,'quoted,,\r\n"
        b"1,,'=1,0,1.0\r\n"
    )


def test_a_heading_in_csv_is_no_formula_either():
    columns = (Column("a", "=1+1", "text", 5), Column("b", "- none", "text", 5))
    assert read_csv(written("csv", [], columns=columns)) == [["'=1+1", "'- none"]]


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_archives_do_without_zip64_which_excel_takes_for_damage(kind):
    data = written(kind, rows_of("abc"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            header = data[part.header_offset : part.header_offset + 30]
            version, extra_length = header[4], header[28] + header[29]
            assert (version, extra_length, part.compress_type) == (20, 0, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_archives_are_compressed_by_isa_l(kind, monkeypatch):
    pieces, compressor = [], isal_zlib.compressobj

    class Compressor:
        def __init__(self, *how):
            self._own = compressor(*how)

        def compress(self, piece):
            pieces.append(piece)
            return self._own.compress(piece)

        def flush(self):
            return self._own.flush()

    monkeypatch.setattr(isal_zlib, "compressobj", Compressor)
    with zipfile.ZipFile(io.BytesIO(written(kind, rows_of("abc")))) as archive:
        assert archive.testzip() is None
        assert sum(map(len, pieces)) == sum(part.file_size for part in archive.infolist())
