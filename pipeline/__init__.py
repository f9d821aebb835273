"""callreasons: why customers really call, what each reason costs, who must fix it, and what is new."""

__version__ = "0.1.0"
