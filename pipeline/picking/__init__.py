"""Picking: how surely a text states a reason, by its words and by its place in the call.

`extract` finds reasons with it, and `cluster` weighs the clauses of a turn (see `pipeline.contexts`).
"""
