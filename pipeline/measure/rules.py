"""Rules: what the formulas depend on besides the tables: settings, and each reason's names, owner and unit cost.

Errors: TaxonomyError when the taxonomy counts in another currency.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa

from pipeline.config import MeasureSettings, Project
from pipeline.errors import TaxonomyError
from pipeline.languages import find_language
from pipeline.tables import NO_CODES
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy
from pipeline.words import LANGUAGES, read_words

Candidate = tuple[str, str, str | None]
MS_A_DAY = 86_400_000
REASONS = pa.schema(
    [
        ("reason_index", pa.int32()),
        ("reason_kind", pa.string()),
        ("reason_id", pa.string()),
        ("name_en", pa.string()),
        ("name_zh", pa.string()),
        ("owner", pa.string()),
        ("unit_cost", pa.float64()),
        ("is_cancelling", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Rules:
    """What the formulas depend on besides the tables."""

    settings: MeasureSettings
    timezone: str = "UTC"
    currency: str = "EUR"

    def to_table(self) -> pa.Table:
        """Make the one row that the formulas call `rules`."""
        settings = self.settings
        row = {
            "wage_per_hour": settings.wage_per_hour,
            "telephone_cost_per_minute": settings.telephone_cost_per_minute,
            "lifetime_value": settings.lifetime_value,
            "threat_leaving_ratio": settings.threat_leaving_ratio,
            "cancel_leaving_ratio": settings.cancel_leaving_ratio,
            "repeat_window_ms": round(settings.repeat_window_days * MS_A_DAY),
            "transfer_window_ms": round(settings.transfer_window_s * 1000),
            "trust_file_times": settings.trust_file_times,
            "several_reasons": settings.several_reasons,
            "general_codes": [code.lower() for code in settings.general_codes],
            "timezone": self.timezone,
            "currency": self.currency,
        }
        return pa.Table.from_pylist([row])


def make_rules(project: Project) -> Rules:
    """Make the rules of a project."""
    settings = project.settings
    return Rules(settings.measure, settings.project.timezone, settings.project.currency)


def name_reasons(
    taxonomy: Taxonomy, used: Collection[str], candidates: Iterable[Candidate], cancelling: Collection[str]
) -> pa.Table:
    """Name every reason a call can have, with owner and unit cost; a code that left the file has its number.

    Args:
        taxonomy: Names, owners and unit costs of codes.
        used: Numbers that calls have.
        candidates: Id, name, and name in the other language or null.
        cancelling: Numbers of the codes by which a customer leaves.
    """
    names = {language: read_words(language) for language in LANGUAGES}
    rows: list[dict[str, object]] = []
    for kind in NO_CODES:
        named = {f"name_{language}": names[language](f"no_code.{kind}") for language in LANGUAGES}
        rows.append({"reason_kind": "no_code", "reason_id": kind, **named})
    for number in sorted(used):
        code = taxonomy.find_code(number)
        named = {f"name_{language}": code.name(language) if code else number for language in LANGUAGES}
        known = {"owner": code.owner or None, "unit_cost": code.unit_cost} if code else {}
        rows.append({"reason_kind": "code", "reason_id": number, "is_cancelling": number in cancelling} | named | known)
    for cluster_id, name, other_name in sorted(candidates):
        by_language = {find_language(one): one for one in (other_name, name) if one}
        named = {f"name_{language}": by_language.get(language, name) for language in LANGUAGES}
        rows.append({"reason_kind": "candidate", "reason_id": cluster_id, **named})
    defaults = {"unit_cost": 0.0, "is_cancelling": False}
    return pa.Table.from_pylist([defaults | row | {"reason_index": n} for n, row in enumerate(rows)], schema=REASONS)


def check_currency(taxonomy: Taxonomy, currency: str) -> None:
    """Check that unit costs and wages can be added.

    Raises:
        TaxonomyError: The taxonomy has unit costs in another currency than the project's.
    """
    other = taxonomy.currency and taxonomy.currency.upper() != currency.upper()
    if other and any(code.unit_cost for code in taxonomy.codes):
        raise TaxonomyError(
            f"taxonomy/{TAXONOMY_FILE}: currency is '{taxonomy.currency}', but pipeline.toml says '{currency}'. "
            "Costs of two currencies cannot be added; change one of them."
        )
