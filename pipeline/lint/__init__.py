"""Lint: what a curator should mend in a taxonomy, each finding with what to do.

Reads the files in `taxonomy/`, the last run's tables if there are any, and asks the encoder which examples sound like
another code.

Errors: TaxonomyError when the taxonomy itself cannot be read.
"""

from collections.abc import Callable, Iterator

from pipeline.config import Project
from pipeline.encoders import Encoder, make_reason_encoder
from pipeline.errors import ModelError
from pipeline.examples import load_examples
from pipeline.lint.contents import find_in_codes, find_in_files
from pipeline.lint.findings import Finding
from pipeline.lint.nearness import find_near
from pipeline.lint.usage import find_in_calls
from pipeline.near_pairs import NEAR_PAIRS_FILE, read_near_pairs
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy

__all__ = ["Finding", "lint_taxonomy"]


def lint_taxonomy(
    project: Project,
    *,
    is_coded_now: bool,
    load: Callable[[Project], Encoder] = make_reason_encoder,
) -> list[Finding]:
    """List everything a curator should know about the project's taxonomy: what to mend first, notes last.

    Args:
        project: Whose taxonomy.
        is_coded_now: The calls in the store were coded with this very taxonomy.
        load: Makes the encoder.
    """
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    findings = [
        *find_in_codes(taxonomy, project.settings.project.languages),
        *find_in_files(taxonomy, project.taxonomy),
        *_find_near(taxonomy, project, load),
        *find_in_calls(taxonomy, project.store, is_coded_now=is_coded_now),
    ]
    return sorted(findings, key=lambda finding: finding.is_note)


def _find_near(taxonomy: Taxonomy, project: Project, load: Callable[[Project], Encoder]) -> Iterator[Finding]:
    pairs = read_near_pairs(project.taxonomy / NEAR_PAIRS_FILE)
    kept_apart = {(min(pair.a.code, pair.b.code), max(pair.a.code, pair.b.code)) for pair in pairs}
    try:
        background = load_examples("background", project).texts
        yield from find_near(taxonomy, load(project), background, kept_apart=kept_apart)
    except ModelError as error:
        yield Finding("not_checked", "", "Which examples sound like another code was not checked.", str(error))
