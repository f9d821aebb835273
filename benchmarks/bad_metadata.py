"""Bad metadata: one invented manifest a mistake, each taken in alone, and what its user is told.

    python -m benchmarks.bad_metadata

Prints a Markdown table, the second half of docs/bad-inputs.md. No model is loaded; a run takes seconds.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.silent import SilentProgress
from pipeline.cli.init import make_project
from pipeline.config import read_project
from pipeline.errors import CallReasonsError
from pipeline.stages import RunOptions, choose_stages, run_stages

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MISSING = "The manifest has no column for"
HEAD = """
## Bad metadata

What a manifest had wrong, how many calls came of it, and every line that `callreasons ingest` said.
The calls are invented. What is said as "failed" ends the run with 3 once and stands in `callreasons show failures`
until it is mended. That a manifest has no column for customers or talk seconds is said too, and shown here once.
What 1,234 or 1.234 means is what the column's other cells show, else the file's other numbers; where nothing shows it,
the decimal sign is a comma in a file of semicolons and a point in any other, and a line says so.

| manifest | calls | what is said |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Case:
    """One mistake: what it is, and the file."""

    about: str
    content: bytes


def _make(about: str, *lines: str, encoding: str = "utf-8") -> Case:
    return Case(about, ("\n".join(lines) + "\n").encode(encoding))


def _make_column(about: str, name: str, *cells: str) -> Case:
    """Make a manifest of one column beside the call id and a start."""
    rows = (f'{n},2026-11-20 09:0{n % 10}:00,"{cell}"' for n, cell in enumerate(cells, start=1))
    return _make(about, f"call_id,started_at,{name}", *rows)


def _make_times(about: str, *cells: str) -> Case:
    return _make(about, "call_id,started_at", *(f'{n},"{cell}"' for n, cell in enumerate(cells, start=1)))


def list_cases() -> Iterator[Case]:
    """List every mistake."""
    yield from _list_files()
    yield from _list_times()
    yield from _list_numbers()
    yield from _list_people()


def _list_files() -> Iterator[Case]:
    plain = ("call_id,started_at,region,talk_s", "1,2026-11-20 09:00:00,华东,30", "2,2026-11-20 10:00:00,华南,40")
    yield _make("nothing wrong", *plain)
    yield Case("zero bytes", b"")
    yield _make("a heading and no row", plain[0])
    yield _make("only a call id: every other column is missing", "call_id", "1", "2")
    yield _make("no column that tells calls apart", "started_at,talk_s", "2026-11-20 09:00:00,30")
    yield _make("no heading, the first line is a call", "8613800138000,Jane Doe,30", "8613900139000,John Doe,40")
    yield _make("a title above the heading", "Calls of November,,,", *plain)
    yield _make("a column of another currency", "call_id,Refund USD,Refund EUR", "1,12.50,", "2,,9.90")
    yield _make("a heading twice", "call_id,talk_s,talk_s", "1,30,300")
    yield _make("a heading in Chinese", "通话编号,开始时间,客户编号,通话时长", "1,2026-11-20 09:00:00,K7,30")
    yield Case("UTF-8 with a byte order mark", b"\xef\xbb\xbf" + "\n".join((*plain, "")).encode())
    yield _make("semicolons", *(line.replace(",", ";") for line in plain))
    yield _make("tabs", *(line.replace(",", "\t") for line in plain))
    yield _make("GB18030", *plain, encoding="gb18030")
    yield _make("UTF-16, as Excel's “Unicode text”", *(line.replace(",", "\t") for line in plain), encoding="utf-16")
    yield _make("Windows-1252, as Excel in Europe", "call_id;region", "1;Köln", "2;München", encoding="cp1252")
    yield Case("a workbook renamed to .csv", b"PK\x03\x04" + bytes(range(256)) * 4)
    yield _make("a totals row at the end", *plain, "合计,,,70")
    yield _make("a row of nothing but commas", *plain, ",,,")
    yield _make("the heading once more, from a joined file", *plain, plain[0], "3,2026-11-20 11:00:00,华北,50")
    yield _make("a quoted note over two lines", "call_id,note,talk_s", '1,"first line', 'second line",30', "2,ok,40")
    yield _make("a quote that never ends", "call_id,note,talk_s", '1,"no end,30', "2,ok,40", "3,ok,50")
    yield _make("a quote within a quoted cell", "call_id,note", '1,"he said "no" twice"', "2,ok")
    yield _make("a comma too many", "call_id,note,talk_s", "1,late, again,30", "2,ok,40")
    yield _make("a call id twice, the same row", plain[0], plain[1], plain[1])
    yield _make("a call id twice, other values", plain[0], plain[1], "1,2026-11-20 09:01:00,华东,300")
    yield _make("a call id twice, days apart", plain[0], plain[1], "1,2026-11-14 09:00:00,华东,300")
    yield _make("call ids as Excel rounds them", "call_id,talk_s", "1.23457E+15,30", "1.23457E+15,40")
    yield _make("call ids that say nothing", "call_id,talk_s", "-,30", "N/A,40", ",50")


def _list_times() -> Iterator[Case]:
    yield _make_times("dates in three formats", "2026-11-20 09:00:00", "20.11.2026 09:30", "2026年11月20日 10时30分")
    yield _make_times("Excel's serial days", "46346.375", "46346.5")
    yield _make_times("a 12-hour clock", "2026-11-20 03:15 PM", "2026-11-20 12:05 AM", "2026/11/20 下午3:15")
    yield _make_times("day first, as one row shows", "03/04/2026 09:00", "25/04/2026 09:00")
    yield _make_times("month first, as one row shows", "03/04/2026 09:00", "03/25/2026 09:00")
    yield _make_times("day or month first: no row shows it", "03/04/2026 09:00", "05/06/2026 09:00")
    yield _make_times("day first and month first", "25/03/2026 09:00", "03/25/2026 09:00", "03/04/2026 09:00")
    yield _make_times("offsets", "2026-11-20T09:00:00+08:00", "2026-11-20 09:00:00 -0500", "2026-11-20T09:00:00Z")
    yield _make_times("zones by name", "2026-11-20 09:00:00 UTC", "2026-11-20 09:00:00 CST")
    yield _make_times("seconds and milliseconds since 1970", "1795253400", "1795253400000")
    yield _make_times("days without an hour", "2026-11-20", "2026-11-19")
    yield _make_times("years that cannot be", "1900-01-00 00:00", "0026-11-20 09:00", "2126-11-20 09:00")
    yield _make_times("words and nothing", "yesterday", "", "2026-11-20 09:00")


def _list_numbers() -> Iterator[Case]:
    yield _make_column("negative seconds", "talk_s", "-30", "40", "50")
    yield _make_column("words for seconds", "talk_s", "long", "n/a", "-", "50")
    yield _make_column("decimal commas", "talk_s", "30,5", "40,25", "1.234,5")
    yield _make_column("thousands separators", "talk_s", "1,234", "1,234.5", "95")
    yield _make_column("a comma that can be read two ways", "talk_s", "1,234", "2,345")
    yield _make_column("a point that can be read two ways", "talk_s", "1.234", "95")
    yield _make("both, in a file of semicolons", "call_id;talk_s;hold_s", "1;1.234;1,234", "2;2.345;3,456")
    yield _make("1.234, where another column shows it", "call_id;talk_s;hold_s", "1;1.234;30,5", "2;2.345;40")
    yield _make_column("0:01:23 and 1:23", "talk_s", "00:01:23", "1:23", "83")
    yield _make_column("units in cells", "talk_s", "83 s", "1 min 23 s", "83 秒", "2分钟")
    yield _make_column("a heading in minutes", "Talk (min)", "1.5", "2", "3")
    yield _make_column("milliseconds that nobody named", "talk_s", "83000", "95000", "120000")
    yield _make_column("minutes that nobody named", "talk_s", "1.5", "2.25", "3.1")
    yield _make_column("a call of two days", "talk_s", "172800", "60", "70")
    yield _make_column("inf and NaN", "talk_s", "inf", "NaN", "70")
    yield _make_column("percent for a score", "csat", "85%", "4", "5")
    yield _make_column("a score outside its range", "csat", *["4", "5", "3", "2"] * 10, "55")
    yield _make_column("scores on two scales", "csat", *["4", "5", "80", "95"] * 5)
    yield _make_column("a 9 among few scores", "csat", "4", "5", "9")
    yield _make_column("NPS from -100 to 100", "nps", "100", "0", "-100", "100")
    yield _make_column("abandoned as a word of its own", "abandoned", "yes", "ABANDONED", "no")
    yield _make_column("a channel of its own", "channel", "phone", "pigeon")


def _list_people() -> Iterator[Case]:
    yield _make_column("customers who are nobody", "customer_id", "0", "unknown", "anonymous", "-", "未知", "K7")
    yield _make_column("customers as Excel rounds them", "customer_id", "8.61380E+12", "8.61380E+12", "K7")
    yield _make_column("a customer with and without .0", "customer_id", "4711", "4711.0")


def ingest(content: bytes) -> tuple[int, list[str]]:
    """Take a manifest in, alone in a new project; returns how many calls came of it, and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "calls"
        make_project(root)
        (root / "recordings" / "manifest.csv").write_bytes(content)
        project, said = read_project(root), SilentProgress()
        try:
            (report,) = run_stages(project, choose_stages("ingest", "ingest"), RunOptions(), progress=said, now=NOW)
        except CallReasonsError as error:
            return 0, [str(error).replace(f"{project.root}/", "")]
        failed = [f"failed: {failure.item}: {failure.error}" for failure in report.new_failures]
        lines = [line.removeprefix("ingest: ") for line in said.lines]
        return project.store.read("calls").num_rows, [*lines, *failed]


def draw_table() -> str:
    """Draw the table of every mistake."""
    rows = []
    for case in list_cases():
        n_calls, said = ingest(case.content)
        lines = [line for line in said if "missing" in case.about or not line.startswith(MISSING)]
        rows.append(f"| {case.about} | {n_calls} | {'<br>'.join(lines).replace('|', chr(92) + '|')} |\n")
    return HEAD + "".join(rows)


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Print the table."""
    write(draw_table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
