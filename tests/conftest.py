"""What several tests share: an empty project, a silent progress, and where the evaluation data lies."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.silent import SilentProgress
from pipeline.config import Project, Settings
from pipeline.work import Work

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


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


@pytest.fixture(scope="session")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A small project behind the curators' page; Django is configured once a process, so it is one for all tests."""
    from curated_project import make_curated
    from toy_encoder import ToyEncoder

    from pipeline.curate import Previewer, load_board
    from pipeline.curate.web.site import Site, configure

    project = make_curated(tmp_path_factory.mktemp("curated"))
    configure(Site(project))
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the page keeps Django's own
    with pytest.MonkeyPatch.context() as patch:  # pages work things out in the background: none waits for a real model
        patch.setattr(
            "pipeline.curate.web.desk.open_previewer", lambda one: Previewer(one, load_board(one), ToyEncoder())
        )
        yield project


@pytest.fixture
def page(curated: Project) -> Project:
    """The project behind the page, with no account, no session, an empty log, no decision and no call drawn."""
    from auditing import forget_rounds
    from django.contrib.auth.models import User
    from django.contrib.sessions.models import Session

    from pipeline.curate.web.link import void_link
    from pipeline.curate.web.models import Access, FailedLogIn
    from pipeline.decisions import DECISIONS_FILE

    (curated.taxonomy / DECISIONS_FILE).unlink(missing_ok=True)
    for model in (User, Session, Access, FailedLogIn):
        model.objects.all().delete()
    void_link(curated)
    forget_rounds(curated)
    return curated


@pytest.fixture
def desk(page: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The project behind the page, its previews ready; afterwards its codes are what they were."""
    from toy_encoder import ToyEncoder

    from pipeline.curate.web import desk
    from pipeline.decisions import DECISIONS_FILE
    from pipeline.taxonomy import TAXONOMY_FILE

    monkeypatch.setattr("pipeline.curate.preview.map_encoder", lambda _: ToyEncoder())
    path = page.taxonomy / TAXONOMY_FILE
    content = path.read_bytes()
    desk.DESKS.clear()
    desk.open_desk(page).opener.join()
    yield page
    path.write_bytes(content)
    (page.taxonomy / DECISIONS_FILE).unlink(missing_ok=True)
    desk.DESKS.clear()
