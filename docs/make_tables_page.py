"""Write docs/tables.md: what every table and column means, from the one place that declares them.

Run it after a change of pipeline/tables/declared.py: `python docs/make_tables_page.py`. A test holds the page to it.
"""

from pathlib import Path

import pyarrow as pa

from pipeline.tables import TABLES, TableSpec

PAGE = Path(__file__).with_name("tables.md")
OPENING = """# Tables

*Made by `python docs/make_tables_page.py` from `pipeline/tables/declared.py`; do not edit.*

Everything that is derived lies in `store/` as Parquet, so that any tool can read it:
`store/<table>/<fingerprint>/<batch>.parquet`. The fingerprint names what the rows were made with (a model, settings,
the taxonomy); `store/<table>/current.json` lists the fingerprints to read, the first one first. A table made in one
piece has one fingerprint. With DuckDB:

```sql
select name_en, n_calls, cost from 'store/reason_metrics/*/*.parquet' where period = 'all' order by cost desc;
```

One table is not derived: `reported` lies in `state/reported/`, a file for each day on which a report was made:

```sql
select reported_on, name_en, n_calls from 'state/reported/*.parquet' where period = 'all' and reason_kind = 'code';
```

Times are UTC, ids of customers and agents are keyed hashes, a `_ratio` is 0 to 1, a `_s` is seconds. Null means not
known.
"""


def draw_tables_page() -> str:
    """Draw the page."""
    listed = "\n".join(f"| [{spec.name}](#{spec.name}) | {spec.grain} |" for spec in TABLES.values())
    contents = f"| table | a row is |\n| --- | --- |\n{listed}\n"
    return "\n".join([OPENING, contents, *(_draw_table(spec) for spec in TABLES.values())])


def _draw_table(spec: TableSpec) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {_name_type(column.type)} | {column.metadata[b'about'].decode()} |"
        for column in spec.schema
    )
    key = ", ".join(f"`{name}`" for name in spec.key)
    heading = f"## {spec.name}\n\nA row is {spec.grain}. Key: {key}.\n"
    return f"{heading}\n| column | type | what it means |\n| --- | --- | --- |\n{rows}\n"


def _name_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "time, UTC"
    if pa.types.is_list(kind):
        return f"list of {_name_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(f"{field.name}: {_name_type(field.type)}" for field in kind) + ")"
    names = {"string": "text", "double": "number", "float": "number", "bool": "yes or no", "date32[day]": "day"}
    return names.get(str(kind), "whole number")


if __name__ == "__main__":
    PAGE.write_text(draw_tables_page(), encoding="utf-8")
