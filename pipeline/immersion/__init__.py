"""Immersion: what people of the company should hear with their own ears, and in which order.

* `piles` lists the calls that could be listened to, `plan` chooses among them for the hours there are, `precision` says
  what the hours are worth, `plan_files` writes the plan as a page, a CSV and a playlist.
* `stretches` lists what is worth playing of one reason, `order` chooses and times it for a meeting with its owners,
  `clips` cuts it with redacted spans muted, `pack` writes the pack.
* `recordings` finds a call's recordings and names them so that nothing shows whom they are about.
"""
