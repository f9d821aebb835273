"""Audit: people code a drawn sample blind; every count is corrected by it, with its 95 % interval.

`drawing` draws calls, each with a known chance; `answers` keeps who said what, `seen` who has looked at the score, and
`progress` says how far each is; `questions` and `sheets` show a call's words and never the machine's answer;
`agreement` compares people, `estimates` corrects counts, `scoring` does both. docs/decisions/0012-audit.md says why it
is reckoned like this.
"""
