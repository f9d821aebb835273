"""Opening: how long Chromium takes to show a report's page from disk.

    python -m benchmarks.opening PAGE [--times N]

Prints a Markdown row: size, reasons, and the median milliseconds until something is seen and until the page is loaded.
Ends with 1 when the page takes longer than a second, with 0 and a line where Chromium is not installed.
"""

import argparse
import shutil
from pathlib import Path
from statistics import median

AIM_MS = 1000
MEASURED = """() => [
  performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  performance.getEntriesByType('navigation')[0].loadEventEnd,
]"""


def time_page(page: Path, times: int, chromium: str) -> tuple[float, float, int]:
    """Open a page again and again, each time in a new tab.

    Returns:
        Median milliseconds to the first words and to the end of loading, and how many reasons it has.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        taken = []
        for _ in range(times):
            tab = browser.new_page(viewport={"width": 1280, "height": 800})
            tab.goto(page.resolve().as_uri())
            taken.append(tab.evaluate(MEASURED))
            n_reasons = tab.locator("section.reason").count()
            tab.close()
        browser.close()
    seen, loaded = (median(values) for values in zip(*taken, strict=True))
    return seen, loaded, n_reasons


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is not installed; nothing to measure.")  # noqa: T201
        return 0
    seen, loaded, n_reasons = time_page(arguments.page, arguments.times, chromium)
    size_mb = arguments.page.stat().st_size / 2**20
    print("| reasons | MB | first words, ms | loaded, ms |\n| ---: | ---: | ---: | ---: |")  # noqa: T201
    print(f"| {n_reasons} | {size_mb:.1f} | {seen:.0f} | {loaded:.0f} |")  # noqa: T201
    return 0 if loaded <= AIM_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
