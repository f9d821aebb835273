"""Namer: an endpoint is asked for names, and nothing it does harms a run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from test_cluster import TEXTS, make_work
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cluster import run
from pipeline.cluster.namer import ask_names, check_sendable, clean_answer
from pipeline.config import ClusterSettings, Project, Settings

EXEMPLARS = {0: ["my parcel never came", "nothing was delivered"]}


@dataclass
class Kept:
    """Keeps names in memory."""

    names: dict[str, str] = field(default_factory=dict)

    def find(self, key: str) -> str | None:
        """Find a name."""
        return self.names.get(key)

    def keep(self, key: str, name: str) -> None:
        """Keep a name."""
        self.names[key] = name


@contextmanager
def serve(answer: str | bytes, *, status: int = 200, wait_s: float = 0.0) -> Iterator[tuple[str, list[dict]]]:
    """Serve one answer to every request; yields the address and what was asked."""
    asked: list[dict] = []
    content = (
        answer if isinstance(answer, bytes) else json.dumps({"choices": [{"message": {"content": answer}}]}).encode()
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({"path": self.path, "key": self.headers["Authorization"], **json.loads(body)})
            time.sleep(wait_s)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def ask(url: str, answers: Kept | None = None, exemplars=EXEMPLARS, **settings):
    """Ask for English names."""
    chosen = ClusterSettings(namer_url=url, namer_model="small", **settings)
    return ask_names(exemplars, dict.fromkeys(exemplars, "en"), chosen, answers or Kept())


def test_a_good_answer_is_the_name(monkeypatch):
    """The exemplars, the model and the key are sent, and nothing else."""
    monkeypatch.setenv("NAMER_KEY", "secret")
    with serve('"my parcel never arrived."') as (url, asked):
        assert ask(url, namer_key_env="NAMER_KEY").names == {0: "My parcel never arrived"}
    assert asked[0]["path"] == "/v1/chat/completions"
    assert (asked[0]["model"], asked[0]["key"]) == ("small", "Bearer secret")
    assert json.loads(asked[0]["messages"][-1]["content"]) == EXEMPLARS[0]


@pytest.mark.parametrize(
    "answer", ["", "a" * 200, "two\nlines", "word " * 30, "货没到", b"<html>", b"[1]", b'{"choices": []}']
)
def test_an_answer_that_is_no_name_is_left(answer):
    """Garbage gives no name, and is said."""
    with serve(answer) as (url, _):
        asked = ask(url)
    assert asked.names == {}
    assert asked.why_not == "1 answers were no names"


@pytest.mark.parametrize(("status", "wait_s", "why"), [(500, 0.0, "answered 500"), (200, 1.5, "ReadTimeout")])
def test_an_endpoint_that_fails_is_asked_once(status, wait_s, why):
    """A slow or a broken endpoint is not asked for the other clusters."""
    with serve("a name", status=status, wait_s=wait_s) as (url, asked):
        got = ask(url, exemplars={**EXEMPLARS, 1: ["charge me once"]}, namer_timeout_s=0.3)
    assert got.names == {}
    assert why in got.why_not
    assert len(asked) == 1


def test_nobody_there_is_no_error():
    """No answer at all gives no name."""
    assert "ConnectError" in ask("http://127.0.0.1:9/v1", namer_timeout_s=2).why_not


def test_the_same_exemplars_are_sent_once():
    """What was answered is kept."""
    answers = Kept()
    with serve("Parcel never came") as (url, asked):
        assert ask(url, answers) == ask(url, answers)
    assert len(asked) == 1


def test_what_looks_personal_is_not_sent():
    """An exemplar with a number or an address in it stays here, whatever made it."""
    with serve("Parcel never came") as (url, asked):
        ask(url, exemplars={0: ["my card 4111 1111 1111 1111", "write to a@b.example", "card declined"]})
    assert json.loads(asked[0]["messages"][-1]["content"]) == ["card declined"]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"project": {"keep_raw": True}}, "keep_raw"),
        ({"redact": {"entities": ["PHONE"]}}, "entities"),
        ({"cluster": {"namer_key_env": "NO_SUCH_KEY"}}, "NO_SUCH_KEY"),
        ({}, ""),
    ],
)
def test_only_redacted_words_may_be_sent(settings, why):
    """Where words might not be redacted nothing is sent."""
    assert why in check_sendable(Settings.model_validate(settings))
    assert bool(why) == bool(check_sendable(Settings.model_validate(settings)))


@pytest.mark.parametrize(("answer", "language", "name"), [("“货没到”", "zh", "货没到"), ("Late [PERSON]", "en", "")])
def test_an_answer_is_cleaned(answer, language, name):
    """Quotes go; an answer with a placeholder is none."""
    assert clean_answer(answer, language) == name


def point(opened: Project, url: str, **more) -> Project:
    """Point a project's namer at an address."""
    sections = {"cluster": {"namer_url": url, "namer_timeout_s": 2}, **more}
    return Project(opened.root, Settings.model_validate(sections))


def test_a_run_takes_names_from_the_endpoint(project, monkeypatch):
    """The run says loudly what leaves the machine, and to whom; the next one asks nothing."""
    with serve("A name from elsewhere") as (url, asked):
        work = make_work(point(project, url), monkeypatch, [*TEXTS, "coded"])
        run(work)
        assert set(project.store.read("clusters")["name"].to_pylist()) == {"A name from elsewhere"}
        assert any("leave this machine for 127.0.0.1" in line for line in work.progress.lines)
        n_asked = len(asked)
        project.store.set_current("clusters", [])
        run(work)
        assert len(asked) == n_asked == 3


@pytest.mark.parametrize("more", [{"project": {"keep_raw": True}}, {}])
def test_a_run_falls_back_on_local_names(project, monkeypatch, more):
    """Where nothing may be sent, or nobody answers, local names stand and one line says so."""
    with serve("A name from elsewhere", status=500) as (url, asked):
        outcome = run(make_work(point(project, url, **more), monkeypatch, [*TEXTS, "coded"]))
    assert len(asked) == (0 if more else 1)
    assert len(outcome.warnings) == 1
    assert "3 names were made here" in outcome.warnings[0]
    assert all(project.store.read("clusters")["name"].to_pylist())


def test_config_show_says_what_leaves_the_machine(tmp_path):
    """With a namer it does; without one nothing is said."""
    (tmp_path / "pipeline.toml").write_text('[cluster]\nnamer_url = "https://names.example/v1"\n')
    told = CliRunner().invoke(app, ["config", "show", "--project", str(tmp_path)])
    assert "leave this machine" in told.output
    assert "names.example" in told.output
    (tmp_path / "pipeline.toml").write_text("")
    assert "leave this machine" not in CliRunner().invoke(app, ["config", "show", "--project", str(tmp_path)]).output
