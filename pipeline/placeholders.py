"""Placeholders: what stands in a transcript where the redactor took something out, such as [PHONE]."""

import re

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*\]")
