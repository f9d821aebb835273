"""Every table declared once: its columns and what each holds, what identifies a row, and what a row is.

`docs/tables.md` is made from this.
"""

from pipeline.tables.audited import AUDITED
from pipeline.tables.found import FOUND
from pipeline.tables.heard import HEARD
from pipeline.tables.judged import JUDGED
from pipeline.tables.logged import LOGGED
from pipeline.tables.measured import MEASURED
from pipeline.tables.reported import REPORTED
from pipeline.tables.spec import TableSpec

TABLES: dict[str, TableSpec] = {
    spec.name: spec for spec in (*HEARD, *FOUND, *MEASURED, *JUDGED, *LOGGED, AUDITED, REPORTED)
}
