"""Values: what each reason is worth to the customer and to the company, and what to do with it.

From the taxonomy; where it says nothing a proposal is made from the calls. The four corners are the value-irritant
matrix of Price and Jaffe, The Best Service is No Service (2008).

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipeline.tables import make_table
from pipeline.taxonomy import Taxonomy

VALUE, IRRITANT = "value", "irritant"
# By what a reason is to the customer and to the company.
ACTIONS = {
    (IRRITANT, IRRITANT): "eliminate",
    (VALUE, IRRITANT): "automate",
    (IRRITANT, VALUE): "simplify",
    (VALUE, VALUE): "keep",
}
MIN_CALLS = 3  # of a reason, for anything to be proposed: one or two say how they went, not what the reason is
MIN_SELLING_RATIO = 0.2  # of a reason's calls with a chance to sell, for the company to welcome it
Row = Mapping[str, object]


def value_reasons(reason_rows: Sequence[Row], taxonomy: Taxonomy) -> pa.Table:
    """Say for every reason what it is to either side, who says so, and what follows.

    Args:
        reason_rows: Rows of `reason_metrics` over the whole time.
        taxonomy: Where people said it.

    Returns:
        Table `reason_values`; a kind of no-code has no row, nor a reason of too few calls that people said nothing of.
    """
    rows = []
    for row in reason_rows:
        if row["reason_kind"] == "no_code":
            continue
        code = taxonomy.find_code(str(row["reason_id"])) if row["reason_kind"] == "code" else None
        said_by_customer, said_by_company = (code.customer, code.company) if code else ("", "")
        if not (said_by_customer and said_by_company) and int(str(row["n_calls"])) < MIN_CALLS:
            continue
        customer = said_by_customer or propose_for_customer(row)
        company = said_by_company or propose_for_company(row)
        rows.append(
            {
                "reason_kind": row["reason_kind"],
                "reason_id": row["reason_id"],
                "customer": customer,
                "is_customer_proposed": not said_by_customer,
                "company": company,
                "is_company_proposed": not said_by_company,
                "action": ACTIONS[customer, company],
            }
        )
    return make_table("reason_values", rows)


def propose_for_customer(row: Row) -> str:
    """Propose: a reason that makes more customers feel bad than well, or that many come back about, irritates them."""
    n_bad, n_well = int(str(row["n_negative"])), int(str(row["n_positive"]))
    n_again = int(str(row["n_said_called_before"])) + int(str(row["n_effort"]))
    return IRRITANT if n_bad > n_well or 2 * n_again > int(str(row["n_calls"])) else VALUE


def propose_for_company(row: Row) -> str:
    """Propose: a call costs the company more than it brings, unless it is often a chance to sell."""
    n_chances, n_calls = int(str(row["n_chance_to_sell"])), int(str(row["n_calls"]))
    return VALUE if n_chances >= MIN_SELLING_RATIO * n_calls else IRRITANT
