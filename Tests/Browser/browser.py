"""Headless Chromium with a report in it."""

import subprocess
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PROJECT = Path(__file__).resolve().parents[2]
TRACES = PROJECT / "Tests" / "Fixtures" / "traces"


def report(polltrace, traces, output, *options):
    """Has `polltrace` write the page of `traces`; its path. Exit code 2 is about the data."""
    run = subprocess.run(
        [polltrace, "report", *traces, "--format", "html", "-o", output, *options],
        capture_output=True, text=True)
    assert run.returncode in (0, 2), f"{traces}: {run.returncode}: {run.stderr}"
    return Path(output)


class Browser:
    """One window; a context manager."""

    def __init__(self, width=1280, height=900, dark=False, scale=1):
        options = Options()
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars", f"--window-size={width},{height}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=scale, mobile=False)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def open(self, page):
        self.driver.get(page.resolve().as_uri())
        return self.driver

    def complaints(self):
        """What the console said since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
