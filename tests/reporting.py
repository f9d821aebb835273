"""Reporting: a project measured and reported in a language, and its page read the way a browser reads it."""

from dataclasses import replace
from html.parser import HTMLParser

from conftest import NOW, SilentProgress

from pipeline import measure, report
from pipeline.config import Project
from pipeline.work import Work

VOID = {"meta", "col", "link", "br", "img", "input"}


class Reader(HTMLParser):
    """Reads a page the way a browser does: its tags, its attributes and the words it shows."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.open, self.shown = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Check that tags close in order."""
        assert self.open.pop() == tag

    def handle_data(self, text):
        """Note words."""
        if self.open and self.open[-1] not in ("style", "script"):
            self.shown.append(text)

    def find(self, tag):
        """Find the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def in_language(project: Project, language: str) -> Project:
    """Take another report language."""
    settings = project.settings.model_copy(
        update={"report": project.settings.report.model_copy(update={"language": language})}
    )
    return replace(project, settings=settings)


def run(project: Project, **options):
    """Measure and report."""
    measure.run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    return report.run(Work(project, "report", "page-v1", SilentProgress(), NOW, **options))


def read_page(project: Project) -> str:
    """Read the page."""
    return report.find_report(project).read_text(encoding="utf-8")
