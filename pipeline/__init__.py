"""callreasons: why customers really call, what each reason costs, who must fix it, and what is new.

How data flows, a stage a module of the same name:

    recordings ─ ingest ─ transcribe ─ redact ─▶ transcripts/     a call at a time; costly, durable
    transcripts/ ─ roles ─ extract ─ embed ─ assign ─ cluster ─ sentiment ─ signals ─ measure ─ report  cheap, derived
                                              ▲
                                          taxonomy/
"""

__version__ = "0.1.0"
