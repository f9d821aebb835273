"""Sources."""

import json

import pytest

from pipeline.errors import InputError
from pipeline.sources import find_recordings, find_role, read_text_segments, read_turns
from pipeline.tables import hash_text


def test_recordings_are_found_in_folders_and_globs(tmp_path):
    """A folder is searched with its folders; hidden files and other kinds are left alone."""
    for name in ("a.wav", "b.txt", "sub/c.MP3", ".hidden.wav", "sub/.part/d.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in find_recordings(".", tmp_path)] == ["a.wav", "c.MP3"]
    assert [path.name for path in find_recordings("sub/*.MP3", tmp_path)] == ["c.MP3"]
    assert [path.name for path in find_recordings(str(tmp_path / "*.wav"), tmp_path)] == ["a.wav"]


def test_a_missing_folder_is_named(tmp_path):
    """A folder that is not there is an error that says which setting to mend."""
    with pytest.raises(InputError, match=r"'nowhere'.*pipeline\.toml"):
        find_recordings("nowhere", tmp_path)


ONE_A_TURN = [
    {"call_id": "x", "role": "client", "text": "Hello", "started_at": "2026-11-20 10:00"},
    {"call_id": "x", "role": "客服", "text": "您好"},
]
ONE_A_CALL = [{"call_id": "x", "started_at": "2026-11-20 10:00", "turns": [dict(turn) for turn in ONE_A_TURN]}]


@pytest.mark.parametrize("rows", [ONE_A_TURN, ONE_A_CALL])
def test_turns_come_one_a_line_or_in_a_list(tmp_path, rows):
    """Both common layouts of chats give the same call."""
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    (turns,) = read_turns(path).contacts
    assert turns.messages == (("customer", "Hello"), ("agent", "您好"))
    assert turns.fields["started_at"] == "2026-11-20 10:00"


def test_a_row_without_a_call_id_is_numbered_as_in_the_file(tmp_path):
    """The heading is row 1, and an empty row counts."""
    path = tmp_path / "chats.csv"
    path.write_text("call_id,text\n,\nx,Hi\n,Hey\n")
    assert read_turns(path).lost == {"without call_id and text": [4]}


def test_turns_come_as_csv(tmp_path):
    """A CSV of turns is read like JSON lines."""
    path = tmp_path / "chats.csv"
    path.write_text("call_id,role,text\nx,customer,Hi\ny,customer,Hey\nx,agent,Yes?\n")
    assert [(turns.call_id, len(turns.messages)) for turns in read_turns(path).contacts] == [("x", 2), ("y", 1)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("not json", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"text": "secret words"}', "without call_id and text"),
        ('{"call_id": "x"}', "without call_id and text"),
        ('{"call_id": "x", "text": null}', "without call_id and text"),
    ],
)
def test_a_bad_line_is_left_out_by_its_number(tmp_path, line, rule):
    """A line that is no turn takes no other with it, and nothing of it is kept but its number and the rule."""
    path = tmp_path / "chats.jsonl"
    path.write_text(f'{{"call_id": "a", "text": "Hi"}}\n{line}\n{{"call_id": "b", "text": "Hey"}}\n{line}\n')
    written = read_turns(path)
    assert [turns.call_id for turns in written.contacts] == ["a", "b"]
    assert written.lost == {rule: [2, 4]}


def test_a_contact_without_a_message_is_one(tmp_path):
    """A chat in which nobody wrote was offered all the same."""
    path = tmp_path / "chats.jsonl"
    path.write_text('{"call_id": "x", "turns": []}')
    assert [turns.messages for turns in read_turns(path).contacts] == [()]


def test_an_unknown_role_stays_unknown():
    """A role we do not know is never guessed."""
    assert [find_role(word) for word in ("Agent", "用户", "supervisor")] == ["agent", "customer", "unknown"]


def test_a_written_source_is_read_again(project):
    """Chats, notes and comments are read again from their file when a transcript is made."""
    (project.root / "m.csv").write_text("call_id,note,survey comments\n7,wants a refund,very slow\n")
    note, comment = (
        read_text_segments(project, {"kind": kind, "path": "m.csv", "row_key": "7", "sha256": hash_text(text)})
        for kind, text in (("note", "wants a refund"), ("comment", "very slow"))
    )
    assert [(one.role, one.source, one.text) for one in (*note, *comment)] == [
        ("agent", "note", "wants a refund"),
        ("customer", "comment", "very slow"),
    ]


def test_two_rows_of_a_call_each_have_their_note(project):
    """A transferred call may have a note from each agent: neither is read for the other."""
    (project.root / "m.csv").write_text("call_id,note\n7,first agent\n7,second agent\n")
    source = {"kind": "note", "path": "m.csv", "row_key": "7"}
    notes = [
        read_text_segments(project, {**source, "sha256": hash_text(f"{one} agent")}) for one in ("first", "second")
    ]
    assert [note[0].text for note in notes] == ["first agent", "second agent"]


def test_a_written_source_that_is_gone_is_named(project):
    """A file that vanished is an error that says to put it back."""
    with pytest.raises(InputError, match="Put the file back"):
        read_text_segments(project, {"kind": "chat", "path": "gone.jsonl", "row_key": "7", "sha256": "x"})
