"""How downloads are shown: a bar on a terminal, a plain line each otherwise."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn


class ConsoleDownloads:
    """Shows downloads on a rich console while it is open; nothing but remarks when quiet."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.console, self.quiet = console, quiet
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        is_bar = console.is_terminal and not quiet
        self.bar = Progress(*columns, console=console, transient=True) if is_bar else None
        self.task: TaskID | None = None

    def __enter__(self) -> "ConsoleDownloads":
        """Begin to show."""
        if self.bar:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        if self.bar:
            self.bar.stop()

    def start(self, label: str, total_bytes: int) -> None:
        """Begin a download; a total of 0 is not known yet."""
        if not self.bar:
            if not self.quiet:
                self.say(f"fetching {label}")
            return
        if self.task is not None:
            self.bar.remove_task(self.task)
        self.task = self.bar.add_task(label, total=total_bytes or None)

    def update(self, done_bytes: int, total_bytes: int) -> None:
        """Tell how much of the current download is done."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done_bytes, total=total_bytes or None)

    def say(self, line: str) -> None:
        """Show one line that a person should read."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)
