"""Near pairs: reasons that sound alike and must never share a code or a cluster.

`taxonomy/near_pairs.yaml` gives each side example sentences, which teach, and test sentences, which are asked. Every
run checks them (`checking`); `judging` measures with them. Whoever assigns or groups hands in how it does so.

Errors: TaxonomyError names the file, the pair and what to do.
"""

from pipeline.near_pairs.checking import (
    PairCheck,
    check_candidates,
    check_codes,
    find_coded_pairs,
    is_checked,
    list_warnings,
    name_check,
    read_project_pairs,
    write_checks,
)
from pipeline.near_pairs.judging import Answer, Share, count_answers, judge_coding, judge_grouping, keep_language
from pipeline.near_pairs.reading import NEAR_PAIRS_FILE, NearPair, Side, make_pair_taxonomy, read_near_pairs

__all__ = [
    "NEAR_PAIRS_FILE",
    "Answer",
    "NearPair",
    "PairCheck",
    "Share",
    "Side",
    "check_candidates",
    "check_codes",
    "count_answers",
    "find_coded_pairs",
    "is_checked",
    "judge_coding",
    "judge_grouping",
    "keep_language",
    "list_warnings",
    "make_pair_taxonomy",
    "name_check",
    "read_near_pairs",
    "read_project_pairs",
    "write_checks",
]
