"""Made-up calls: the tables of a year of calls with effects planted in them, to check measures against.

Nobody made these calls. Everything about a call follows from its number by a hash, so the same number of calls is the
same store on every machine. What is planted stands in `planted`.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.planted import CALLS_A_CUSTOMER, CODE_POWER, N_CODES, N_DRAWS, N_WEEKS, SECOND_PERCENT, Planted
from pipeline.tables import TABLES, Store, hash_text

FIRST_DAY = "2025-11-03"  # a Monday
N_CANDIDATES = 30
OWNERS = ("logistics", "billing", "network", "shop", "accounts")
FILE_ROWS = 1_000_000


# u(i, k): the k-th number between 0 and 1 that belongs to call i.
MACROS = f"""
create macro u(i, k) as (hash(i * 64 + k) % {N_DRAWS}) / {N_DRAWS}.0;
create macro name_id(i, k) as printf('%08x%08x', (hash(i * 64 + k) % 4294967296)::bigint, i);
create macro find_owner(code) as ['logistics', 'billing', 'network', 'shop', 'accounts'][1 + code % 5];
"""

# A code's weight falls with its number. The doubled owner's calls come twice from its week on, the second time from
# another customer; planted repeats are numbered after all others.
DRAWN = """
create table base as
select i, cast(floor(u(i, 1) * $n_weeks * 7) as int) * 86400 + 28800 + cast(floor(u(i, 2) * 43200) as int) as second,
       cast(floor(u(i, 3) * $n_base / $calls_a_customer) as bigint) as customer,
       101 + cast(floor(power(u(i, 4), $code_power) * $n_codes) as int) as code
from range($n_base) t(i);
create table drawn as
select *, i % 100 < $second_percent as has_second from base
union all
select $n_base + i, second + 60, $n_base + i, code, i % 100 < $second_percent from base
where find_owner(code) = $doubled_owner and second >= 7 * 86400 * $doubled_week
union all
select 2 * $n_base + i, second + 86400 + cast(floor(u(i, 5) * 172800) as int), customer, $repeat_code::int, false
from base where code = $trigger_code::int and u(i, 6) < $repeat_ratio;
"""

CALLS = """
select name_id(i, 0) as call_id,
       [{'kind': 'recording', 'path': 'recordings/' || i || '.wav', 'row_key': i::varchar, 'sha256': name_id(i, 7)}]
           as sources,
       case when u(i, 10) < .85 then 'phone' when u(i, 10) < .95 then 'chat' else 'email' end as contact_channel,
       timestamptz '2025-11-03 00:00:00+00' + to_seconds(second) as started_at, 'manifest' as started_at_source,
       name_id(cast(floor(u(i, 11) * 2000) as bigint), 8) as agent_id, name_id(customer, 9) as customer_id,
       ['orders', 'billing', 'technical', 'accounts', 'general'][1 + code % 4] as queue,
       ['north', 'south', 'east', 'west', 'centre'][1 + cast(floor(u(i, 12) * 5) as int)] as region,
       round(-40 * ln(1 - u(i, 13))) as wait_s,
       round((150 + 200 * u(i, 14)) * case when code = $slow_code::int then 2 else 1 end) as talk_s,
       round(20 * case when code = $slow_code::int then 2 else 1 end) as hold_s,
       round(30 * case when code = $slow_code::int then 2 else 1 end) as wrap_s, false as is_abandoned,
       case when u(i, 15) < .3 then 'general' when u(i, 15) < .8 then code::varchar end as logged_code,
       case when u(i, 16) < .2 then 1 + cast(floor(u(i, 17) * 5) as int) end as csat,
       case when u(i, 18) < .1 then cast(floor(u(i, 19) * 11) as int) end as nps, null as ces
from drawn
"""

TRANSCRIPTS = """
select name_id(i, 0) as call_id, case when u(i, 20) < .5 then 'zh' else 'en' end as language,
       round((170 + 200 * u(i, 14)) * case when code = $slow_code::int then 2 else 1 end) as duration_s, 200 as n_words,
       .8 as mean_probability_ratio, u(i, 21) >= .01 as is_heard, 'channel_map' as roles_from, false as is_swapped,
       0 as n_unknown_turns, 0 as n_dropped_segments, 'whisper-base' as model
from drawn
"""

# Of a hundred calls one is not heard, three do not say why, five have a reason that no code fits.
SAID = """
create table said as
select i, 0 as utterance_index, code, case when u(i, 21) < .01 then 'not_heard' when u(i, 22) < .03 then 'not_said'
       when u(i, 22) < .07 then 'none_of_these' when u(i, 22) < .08 then 'undecided' end as no_code, 8.0 as start_s
from drawn
union all
select i, 1, 101 + cast(floor(u(i, 23) * $n_codes) as int), null, 95.0 from drawn
where has_second and u(i, 21) >= .01 and u(i, 22) >= .08
"""

UTTERANCES = """
select name_id(i, 0) as call_id, utterance_index, 2 * utterance_index + 1 as turn_index, 0 as part_index, start_s,
       start_s + 6 as end_s, 'en' as language,
       'invented words about ' || code || ', wording ' || (hash(i) % 5000) as text, name_id(i, 24) as text_id,
       .5 + u(i, 25) / 2 as score_ratio, utterance_index = 0 as is_first
from said where no_code is null or no_code in ('none_of_these', 'undecided')
"""

REASONS = """
select name_id(i, 0) as call_id, case when no_code in ('not_said', 'not_heard') then -1 else utterance_index end
           as utterance_index,
       case when no_code is null then code::varchar end as code, no_code, .5 + u(i, 26) / 2 as score_ratio,
       code::varchar as best_code, (code + 1)::varchar as second_code, .1 as second_score_ratio
from said
"""

MEMBERS = """
select name_id(i, 0) as call_id, utterance_index, printf('c-%04d', (hash(i) % $n_candidates)::int) as cluster_id,
       .5 + u(i, 27) / 2 as similarity_ratio, u(i, 27) > .98 as is_exemplar
from said where no_code = 'none_of_these' and u(i, 28) < .8
"""

CLUSTERS = """
select printf('c-%04d', i::int) as cluster_id, 'invented candidate ' || i as name, 'en' as language,
       100 as n_utterances, 100 as n_calls, 0 as n_sub_clusters, false as is_new, .7 as cohesion_ratio
from range($n_candidates) t(i)
"""

FEELINGS = """
select name_id(i, 0) as call_id, u(i, 29) * 2 - 1 as sentiment,
       case when u(i, 29) < .4 then 'negative' when u(i, 29) < .85 then 'neutral' else 'positive' end
           as sentiment_label,
       u(i, 30) * 2 - 1 as start_sentiment,
       case when u(i, 30) < .5 then 'negative' when u(i, 30) < .95 then 'neutral' else 'positive' end as start_label,
       u(i, 31) * 2 - 1 as end_sentiment,
       case when u(i, 31) < .3 then 'negative' when u(i, 31) < .8 then 'neutral' else 'positive' end as end_label
from drawn
"""

SIGNALS = """
select name_id(i, 0) as call_id, signal,
       u(i, 32 + k) < case signal when 'called_before' then .1 when 'effort' then .08 else .03 end as is_present,
       .8 as score_ratio, 3 as turn_index,
       case when signal = 'other_department_failed' and u(i, 32 + k) < .03 then find_owner(code) end as department
from drawn, (select unnest(['called_before', 'other_department_failed', 'effort', 'threat_to_leave', 'chance_to_sell'])
                 as signal, unnest(range(5)) as k)
"""

QUERIES = {
    "calls": CALLS, "transcripts": TRANSCRIPTS, "reason_utterances": UTTERANCES, "call_reasons": REASONS,
    "clusters": CLUSTERS, "cluster_members": MEMBERS, "call_sentiment": FEELINGS, "call_signals": SIGNALS,
}  # fmt: skip
EMPTY = ("sub_clusters", "candidate_changes", "turns", "near_pairs")

TAXONOMY_HEAD = "version: 1\ncurrency: EUR\ncodes:\n"


def make_store(root: Path, n_base: int) -> int:
    """Write the tables of made-up calls to `root`/store, and their taxonomy; count the calls.

    Args:
        root: A working folder.
        n_base: Calls before what is planted; 8.8 million make about 10.
    """
    values = {
        "n_base": n_base,
        "n_weeks": N_WEEKS,
        "n_codes": N_CODES,
        "n_candidates": N_CANDIDATES,
        "calls_a_customer": CALLS_A_CUSTOMER,
        "code_power": CODE_POWER,
        "second_percent": SECOND_PERCENT,
        **vars(Planted()),
    }
    with duckdb.connect(str(root / "made_up.duckdb")) as connection:
        connection.execute(f"set temp_directory = '{root / 'spilled'}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(MACROS)
        for statement in [*DRAWN.split(";")[:-1], SAID]:
            connection.execute(statement, _pick(statement, values))
        store = Store(root / "store")
        for name, query in QUERIES.items():
            _write(store, name, connection, query, values)
        ((n_calls,),) = connection.sql("select count(*) from drawn").fetchall()
    (root / "made_up.duckdb").unlink()
    for name in EMPTY:
        store.write_whole(name, "made-up", TABLES[name].schema.empty_table())
    _write_taxonomy(root / "taxonomy" / "reason_codes.yaml")
    return int(n_calls)


def _pick(statement: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f"${name}" in statement}


def _write(
    store: Store, name: str, connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, object]
) -> None:
    """Write a query's rows as a table of the store, a million a file."""
    schema = TABLES[name].schema
    reader = connection.sql(query, params=_pick(query, values)).to_arrow_reader(FILE_ROWS)
    for n_file, rows in enumerate(_in_files(reader)):
        known = set(rows.column_names)
        columns = [rows[one.name] if one.name in known else pa.nulls(len(rows), one.type) for one in schema]
        table = pa.table(columns, names=schema.names).cast(schema)
        store.write(name, "made-up", table, {f"*{n_file}": hash_text(name)})
    store.set_current(name, ["made-up"])


def _in_files(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    batches: list[pa.RecordBatch] = []
    for batch in reader:
        batches.append(batch)
        if sum(len(one) for one in batches) >= FILE_ROWS:
            yield pa.Table.from_batches(batches)
            batches = []
    if batches:
        yield pa.Table.from_batches(batches)


def _write_taxonomy(path: Path) -> None:
    lines = [
        f"  - number: {number}\n    name: {{en: Invented reason {number}, zh: 编造的原因{number}}}\n"
        f"    owner: {OWNERS[number % 5]}\n    cost: {{unit: {number % 3}}}\n"
        for number in range(101, 101 + N_CODES)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TAXONOMY_HEAD + "".join(lines), encoding="utf-8")
