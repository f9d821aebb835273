"""Held out: the reasons of CLINC150's two bank domains, which no adapter is taught.

Choosing between recipes must not look at what is measured in the end; these reasons may be looked at, and may measure.
"""

# fmt: off
HELD_OUT = frozenset({
    "freeze_account", "routing", "pin_change", "bill_due", "pay_bill", "account_blocked", "interest_rate",
    "min_payment", "bill_balance", "transfer", "order_checks", "balance", "spending_history", "transactions",
    "report_fraud", "replacement_card_duration", "expiration_date", "damaged_card", "improve_credit_score",
    "report_lost_card", "card_declined", "credit_limit_change", "apr", "redeem_rewards", "credit_limit",
    "rewards_balance", "application_status", "credit_score", "new_card", "international_fees",
})
# fmt: on
