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
the taxonomy). A folder can hold several: those of another encoder, or of a run that is at work this moment. **Only
those that `store/<table>/current.json` lists count**; should a call stand in two of them, as after `--only-new
--force`, the first one counts.

## Read from outside

These were run in the working folder of the demo calls. DuckDB's command line (`pip install duckdb-cli`, then `duckdb`):

```sql
create macro current_rows(name) as table
    from read_parquet('store/' || name || '/*/*.parquet', filename = true, union_by_name = true)
    where parse_path(filename)[-2] in (select json from read_json('store/' || name || '/current.json'));

select name_en, n_calls, round(cost, 2) as cost, currency
from current_rows('reason_metrics') where period = 'all' and reason_kind = 'code' order by cost desc limit 5;
```

```
┌───────────────────────────┬─────────┬────────┬──────────┐
│          name_en          │ n_calls │  cost  │ currency │
│          varchar          │  int64  │ double │ varchar  │
├───────────────────────────┼─────────┼────────┼──────────┤
│ My delivery never arrived │       5 │ 213.25 │ EUR      │
│ I was sent the wrong item │       3 │  55.34 │ EUR      │
│ It arrived damaged        │       1 │  28.15 │ EUR      │
│ I was charged twice       │       3 │   7.58 │ EUR      │
│ My delivery is late       │       5 │   2.71 │ EUR      │
└───────────────────────────┴─────────┴────────┴──────────┘
```

What the fingerprints are for: `embeddings` of that folder has 8682 rows under seven fingerprints, and 1464 that count.

Polars (`pip install polars`):

```python
import json
import polars as pl


def read(name):
    current = json.load(open(f"store/{name}/current.json"))
    return pl.concat((pl.read_parquet(f"store/{name}/{one}/*.parquet") for one in current), how="diagonal")


calls = read("reason_calls").filter(pl.col("is_first"))
print(calls.group_by("sentiment_label").agg(pl.len().alias("calls"), pl.col("cost").sum().round(2)).sort("calls"))
```

```
shape: (3, 3)
┌─────────────────┬───────┬────────┐
│ sentiment_label ┆ calls ┆ cost   │
│ ---             ┆ ---   ┆ ---    │
│ str             ┆ u32   ┆ f64    │
╞═════════════════╪═══════╪════════╡
│ positive        ┆ 12    ┆ 110.7  │
│ negative        ┆ 19    ┆ 99.76  │
│ neutral         ┆ 22    ┆ 117.29 │
└─────────────────┴───────┴────────┘
```

One table is not derived: `reported` lies in `state/reported/`, a file for each day on which a report was made:

```sql
select reported_on, name_en, n_calls from 'state/reported/*.parquet' where period = 'all' and reason_kind = 'code';
```

## What the columns mean

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
