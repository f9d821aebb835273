"""What several tests share: an empty project, a silent progress, and where the evaluation data lies."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.config import Project, Settings
from pipeline.work import Work

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class SilentProgress:
    """Keeps what would be said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def track(self, items: Iterable[str], *, total: int, label: str) -> Iterator[str]:
        """Pass items through."""
        return iter(items)

    def say(self, line: str) -> None:
        """Keep the line."""
        self.lines.append(line)

    note = say


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project that looks at files at once, without waiting for them to settle."""
    settings = Settings.model_validate({"ingest": {"settle_s": 0}})
    (tmp_path / "recordings").mkdir()
    return Project(tmp_path, settings)


@pytest.fixture
def work(project: Project) -> Work:
    """One run of a stage on the empty project."""
    return Work(project=project, stage="test", fingerprint="f1", progress=SilentProgress(), now=NOW)


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The folder of public evaluation data; tests that need it skip where it is absent."""
    folder = os.environ.get("CALLREASONS_EVAL")
    if not folder:
        pytest.skip("CALLREASONS_EVAL is not set: no evaluation data to measure with")
    return Path(folder)
