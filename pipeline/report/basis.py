"""Basis: what the numbers rest on.

Errors: MissingTableError when a stage before has not run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.config import Project
from pipeline.tables.database import open_database, show_table

BASIS = """
select count(*) filter (roles_from = 'unknown' or n_unknown_turns > 0) as n_roles_unknown,
       count(*) filter (is_swapped) as n_swapped, coalesce(sum(n_dropped_segments), 0)::bigint as n_dropped_segments,
       (select count(*) from reason_calls where is_first and n_reasons > 1) as n_several_reasons,
       coalesce(histogram(coalesce(language, '')), map {}) as n_languages,
       coalesce(list(distinct model) filter (model <> ''), []) as models,
       (select count(*) from dropped where stage = 'cluster') as n_noise,
       (select count(*) from cluster_members) as n_members,
       (select count(*) from calls where started_at_source = 'file_time') as n_file_times,
       (select coalesce(histogram(name), map {}) from (select unnest(unread_columns) as name from calls)) as unread
from transcripts
"""


@dataclass(frozen=True)
class Basis:
    """What the numbers rest on: how much was heard, by whom and how surely."""

    n_roles_unknown: int
    n_swapped: int
    n_dropped_segments: int
    n_several_reasons: int
    n_languages: Mapping[str, int]
    models: tuple[str, ...]
    encoders: tuple[str, ...]
    n_uncoded: int
    n_noise: int
    unread: Mapping[str, int]
    n_file_times: int = 0

    @property
    def noise_ratio(self) -> float | None:
        """Share of the utterances without a code that are in no candidate."""
        return self.n_noise / self.n_uncoded if self.n_uncoded else None


def read_basis(project: Project) -> Basis:
    """Read what the project's numbers rest on."""
    with open_database(project.store) as connection:
        for name in ("calls", "transcripts", "dropped", "reason_calls", "cluster_members"):
            show_table(connection, project.store, name)
        (found,) = connection.sql(BASIS).to_arrow_table().to_pylist()
    return Basis(
        n_roles_unknown=found["n_roles_unknown"],
        n_swapped=found["n_swapped"],
        n_dropped_segments=found["n_dropped_segments"],
        n_several_reasons=found["n_several_reasons"],
        n_languages=dict(sorted(found["n_languages"])),
        models=tuple(sorted(found["models"])),
        encoders=project.encoders,
        n_uncoded=found["n_noise"] + found["n_members"],
        n_noise=found["n_noise"],
        unread=dict(sorted(found["unread"])),
        n_file_times=0 if project.settings.measure.trust_file_times else found["n_file_times"],
    )
