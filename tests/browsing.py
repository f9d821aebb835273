"""Browsing: the curators' page served as in earnest, and Debian's Chromium to look at it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from curated_project import PASSWORD

REPOSITORY = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
PROGRAM = [sys.executable, "-m", "pipeline.cli"]
READY_MS = 180_000  # the first preview waits for the encoder
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@contextmanager
def serve_page(folder):
    """Start the page the way people do, and read its address off the terminal: a link where there are no accounts."""
    command = [*PROGRAM, "curate", "--project", str(folder), "--port", str(find_free_port()), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
        yield re.search(r"http://\S+?(?=/?\s)", server.stdout.readline())[0]
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


@contextmanager
def launch_chromium():
    """Start Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def find_free_port():
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def come_in(chromium, address, name, **options):
    """Log in as somebody, in a browser of their own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", **options)
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.goto(f"{address}/log-in")
    tab.fill("input[name=name]", name)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("main button.strong")
    tab.wait_for_selector("nav a")
    return tab


def save_what_is_shown(tab):
    """Press Save in the preview, and wait for the code's page that says so."""
    save = tab.locator("form[action='/acts/save'] .strong")
    save.wait_for(timeout=READY_MS)
    save.click()
    tab.locator(".told").wait_for()
    return re.search(r"/codes/(\d+)$", tab.url)[1]
