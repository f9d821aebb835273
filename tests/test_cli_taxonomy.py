"""`callreasons taxonomy`: what its commands print, write and end with."""

import json
import shutil
from pathlib import Path

import pytest
from toy_encoder import ToyEncoder
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.init import make_project
from pipeline.decisions import read_decisions
from pipeline.errors import TaxonomyError

DEMO = Path("taxonomy/reason_codes.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A project with the demo's taxonomy."""
    monkeypatch.setattr("pipeline.lint.make_reason_encoder", lambda project: ToyEncoder())
    make_project(tmp_path / "calls")
    shutil.copy(DEMO, tmp_path / "calls" / "taxonomy")
    return tmp_path / "calls"


def call(folder: Path, *arguments):
    """Call a command of `taxonomy`; a person's mistake is raised."""
    done = CliRunner().invoke(app, ["taxonomy", *map(str, arguments), "--project", str(folder)])
    if isinstance(done.exception, Exception):
        raise done.exception
    return done


def read_json(text: str) -> list[dict[str, object]]:
    """Read JSON lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("name", ["codes.csv", "codes.xlsx"])
def test_out_and_in_again_changes_nothing(folder, tmp_path, name):
    """Exported and imported the file is the same, byte for byte, and no decision is recorded."""
    before = (folder / "taxonomy" / DEMO.name).read_bytes()
    call(folder, "export", tmp_path / name)
    assert "Nothing to change" in call(folder, "import", tmp_path / name).output
    assert (folder / "taxonomy" / DEMO.name).read_bytes() == before
    assert read_decisions(folder / "taxonomy" / "decisions.jsonl") == []


def test_an_import_shows_itself_first(folder, tmp_path):
    """A preview changes nothing; the import then does, and says who decided it."""
    sheet = tmp_path / "new.csv"
    sheet.write_bytes("code;example;remark\r\n101;一直没到;x\r\n".encode("gb18030"))
    shown = call(folder, "import", sheet, "--preview")
    assert "+ example added: 一直没到" in shown.output
    assert "'remark' is none of ours" in shown.output
    assert not (folder / "taxonomy" / "decisions.jsonl").exists()
    changes = read_json(call(folder, "import", sheet, "--who", "li", "--json").output)
    assert [(one["code"], one["what"], one["after"]) for one in changes] == [("101", "example_added", "一直没到")]
    decision = read_decisions(folder / "taxonomy" / "decisions.jsonl")[0]
    assert (decision.what, decision.who, list(decision.after)) == ("import", "li", ["101"])


def test_a_retired_number_is_refused(folder, tmp_path):
    """The file stays as it is."""
    (tmp_path / "new.csv").write_text("code,example\n110,the delivery is a problem\n")
    before = (folder / "taxonomy" / DEMO.name).read_bytes()
    with pytest.raises(TaxonomyError, match="110 is retired"):
        call(folder, "import", tmp_path / "new.csv")
    assert (folder / "taxonomy" / DEMO.name).read_bytes() == before


def test_check_lists_what_to_mend(folder):
    """A line each, or an object each; --strict ends with the user's mistake."""
    assert "note: No calls are coded yet" in call(folder, "check").output
    text = (folder / "taxonomy" / DEMO.name).read_text("utf-8").replace("owner: logistics", "owner: ''")
    (folder / "taxonomy" / DEMO.name).write_text(text, "utf-8")
    assert "101: it has no owner. Name who in the company must fix it." in call(folder, "check").output
    found = read_json(call(folder, "check", "--json").output)
    assert {"kind", "code", "what", "to_do", "is_note"} == set(found[0])
    assert ("no_owner", "101") in {(one["kind"], one["code"]) for one in found}
    with pytest.raises(TaxonomyError, match="leave out --strict"):
        call(folder, "check", "--strict")


def test_diff_compares_files_or_a_file_with_the_project(folder, tmp_path):
    """One file is the older one; kinds of file can be mixed."""
    call(folder, "export", tmp_path / "old.csv")
    text = (folder / "taxonomy" / DEMO.name).read_text("utf-8").replace("owner: warehouse", "owner: quality")
    (folder / "taxonomy" / DEMO.name).write_text(text, "utf-8")
    assert "owner: warehouse → quality" in call(folder, "diff", tmp_path / "old.csv").output
    found = read_json(call(folder, "diff", tmp_path / "old.csv", DEMO, "--json").output)
    assert {one["what"] for one in found} == {"currency"}  # a sheet does not say it


def test_a_card_is_written_where_reports_are(folder, tmp_path):
    """In the language asked for, or at the place asked for."""
    assert "code-card.html" in call(folder, "card", "--language", "zh").output
    assert "来电原因编号" in (folder / "reports" / "zh" / "code-card.html").read_text("utf-8")
    call(folder, "card", tmp_path / "card.html")
    assert "Reason codes" in (tmp_path / "card.html").read_text("utf-8")


def test_acts_are_listed_taken_back_and_made_again(folder, tmp_path):
    """The history marks what was taken back, and by whom; another's act needs its id."""
    sheet = tmp_path / "new.csv"
    sheet.write_text("code,example\n101,一直没到\n", encoding="utf-8")
    call(folder, "import", sheet, "--who", "li")
    assert "- example removed: 一直没到" in call(folder, "undo", "--who", "li").output
    assert "(taken back by li)" in call(folder, "history").output
    assert "+ example added: 一直没到" in call(folder, "redo", "--who", "li").output
    (entry,) = read_json(call(folder, "history", "--json").output)
    with pytest.raises(TaxonomyError, match="Nothing by wang"):
        call(folder, "undo", "--who", "wang")
    assert "example removed" in call(folder, "undo", "--who", "wang", "--decision", entry["decision_id"]).output


def test_the_health_is_said_with_what_to_do(folder, monkeypatch):
    """The whole first, then each part; without a run calls are no part of it."""
    monkeypatch.setattr("pipeline.curate.map_encoder", lambda project: ToyEncoder())
    output = call(folder, "health", "--language", "zh").output
    assert " / 100" in output.splitlines()[0] and "例句足够" in output and "有编号的来电" not in output
    whole, *parts = read_json(call(folder, "health", "--json").output)
    assert 0 < whole["score"] < 100 and {"overlap", "examples"} < {one["part"] for one in parts}
