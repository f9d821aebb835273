"""Layout: where things live and who may import whom."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import pipeline
from pipeline.stages import STAGE_NAMES

PACKAGE = Path(pipeline.__file__).parent


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    found |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return {name.split(".")[1] for name in found if name.startswith("pipeline.")}


def _modules() -> dict[str, set[str]]:
    imports: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        imports.setdefault(room, set()).update(_imports(path))
    return imports


def test_stages_never_import_each_other():
    """Stage modules know tables, not each other; only listening joins transcribe and redact."""
    for room, imported in _modules().items():
        if room in STAGE_NAMES:
            assert not imported & (set(STAGE_NAMES) - {room}), room


def test_imports_go_one_way():
    """Nothing but the command line imports the command line, and nothing but it imports the stages' order."""
    for room, imported in _modules().items():
        assert "cli" not in imported or room == "cli", room
        assert "stages" not in imported or room in ("cli", "stages"), room


def test_errors_import_nothing():
    """Errors stand at the bottom."""
    assert _modules()["errors"] == set()


def test_the_drawn_flow_is_the_real_one():
    """The package's docstring names the stages in their order."""
    drawn = re.findall("|".join(STAGE_NAMES), pipeline.__doc__.partition("flows")[2])
    assert tuple(drawn) == STAGE_NAMES


def test_files_are_short():
    """No file is longer than 400 lines."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert max(lengths.values()) <= 400, max(lengths, key=lengths.get)


@pytest.mark.parametrize("name", sorted(path.stem for path in (PACKAGE.parent / "benchmarks").glob("*.py")))
def test_every_benchmark_finds_what_it_imports(name):
    """They are seldom run, so a name that moved would go unnoticed."""
    assert importlib.import_module(f"benchmarks.{name}")
