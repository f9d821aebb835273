"""Taxonomy: the numbered reasons that people decided on; read, written, compared and printed.

A number never changes its meaning: merged and retired codes stay in the file. The examples of a merged code speak for
the code it was merged into. An empty taxonomy is a valid one: then every reason is left to the clusters.

Errors: TaxonomyError names the file, the code and the rule, and says what to do.
"""

from pipeline.taxonomy.codes import Code, Target, Taxonomy, check_taxonomy
from pipeline.taxonomy.reading import TAXONOMY_FILE, read_taxonomy

__all__ = ["TAXONOMY_FILE", "Code", "Target", "Taxonomy", "check_taxonomy", "read_taxonomy"]
