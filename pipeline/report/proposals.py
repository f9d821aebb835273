"""Proposals: what the candidates consist of, and which went.

Errors: none of its own.
"""

from dataclasses import dataclass

from pipeline.tables import Store


@dataclass(frozen=True)
class Part:
    """A sub-reason of a candidate."""

    name: str
    n_calls: int


@dataclass(frozen=True)
class Gone:
    """A candidate that the last run did not find again; `went_to` is where most of its calls are now, or empty."""

    cluster_id: str
    name: str
    n_calls: int
    went_to: str


def read_parts(store: Store) -> dict[str, tuple[Part, ...]]:
    """Read each candidate's sub-reasons, most calls first."""
    parts: dict[str, list[Part]] = {}
    rows = store.list_rows("sub_clusters")
    for row in sorted(rows, key=lambda row: (-row["n_calls"], row["sub_cluster_id"])):
        parts.setdefault(row["cluster_id"], []).append(Part(row["name"], row["n_calls"]))
    return {cluster_id: tuple(theirs) for cluster_id, theirs in parts.items()}


def read_gone(store: Store) -> tuple[Gone, ...]:
    """Read the candidates that went with the last change; a code or candidate they went to is named by its id."""
    rows = store.list_rows("candidate_changes")
    last = max((row["changed_at"] for row in rows), default=None)
    return tuple(
        Gone(row["cluster_id"], row["name"], row["n_calls"], row["went_to"])
        for row in rows
        if row["changed_at"] == last and row["change"] == "gone"
    )
