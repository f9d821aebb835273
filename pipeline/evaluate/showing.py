"""Showing: the table of an evaluation, a line for each trial and one for each baseline beside it."""

from collections.abc import Iterator, Mapping

from pipeline.evaluate.bench import Figures, Interval, Measured

COLUMNS = ("judgement", "by", "figures", "ours minus theirs [95 %]", "aim", "s", "MB")


def list_lines(measured: Measured) -> Iterator[tuple[str, ...]]:
    """List a trial's lines: ours, then each baseline's."""
    if measured.skipped:
        yield (measured.judgement, "", f"skipped: {measured.skipped}", "", measured.aim, "", "")
        return
    ours = show_figures(measured.figures, measured.remark)
    yield (measured.judgement, "**ours**", ours, "", measured.aim, f"{measured.seconds:.0f}", f"{measured.peak_mb:.0f}")
    for name, beside in measured.baselines.items():
        yield ("", name, show_figures(beside.figures, beside.remark), show_intervals(beside.intervals), "", "", "")


def show_figures(figures: Figures, remark: str) -> str:
    """Show figures in one line."""
    told = ", ".join(f"{name} {value:.1f}" for name, value in figures.items())
    return "; ".join(part for part in (told, remark) if part)


def show_intervals(intervals: Mapping[str, Interval]) -> str:
    """Show differences in one line."""
    return ", ".join(
        f"{name} {one.difference:+.1f} [{one.low:+.1f}, {one.high:+.1f}]" for name, one in intervals.items()
    )


def show_line(cells: tuple[str, ...]) -> str:
    """Show one line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


HEAD = "\n".join((show_line(COLUMNS), show_line(("---",) * len(COLUMNS))))
