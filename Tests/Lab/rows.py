"""The lab's outcome: one line a check, totals at the end."""

import re
from collections.abc import Callable
from dataclasses import dataclass

PASS, FAIL, SKIPPED = "pass", "FAIL", "skipped"


class Failed(Exception):
    """A check that did not hold; the text says what was expected and what was found."""


class Skipped(Exception):
    """A check that could not be made; the text says why."""


@dataclass(frozen=True)
class Row:
    kernel: str
    scenario: str
    what: str
    status: str
    detail: str

    def __str__(self) -> str:
        place = f"{self.kernel} {self.scenario}"
        return f"{place:<16} {self.status:<8} {self.what}" + (f": {self.detail}" if self.detail else "")


class Rows:
    """Collects rows and prints each as it comes."""

    def __init__(self):
        self.all: list[Row] = []

    def check(self, kernel: str, scenario: str, what: str, body: Callable[[], str | None]) -> bool:
        """Runs a check: its body returns a detail worth printing, or raises. True unless it failed."""
        try:
            status, detail = PASS, body() or ""
        except Failed as failed:
            status, detail = FAIL, str(failed)
        except Skipped as skipped:
            status, detail = SKIPPED, str(skipped)
        except (OSError, LookupError, ValueError, TypeError) as problem:
            # Missing files and keys are what a broken recording looks like from here.
            status, detail = FAIL, f"{type(problem).__name__}: {problem}"
        self.add(Row(kernel, scenario, what, status, detail))
        return status != FAIL

    def add(self, row: Row) -> None:
        self.all.append(row)
        print(row, flush=True)

    def count(self, status: str, kernel: str | None = None) -> int:
        return sum(row.status == status and kernel in (None, row.kernel) for row in self.all)

    def summary(self, kernel: str) -> str:
        """What one kernel's rows come to, as a row of the table in docs/lab.md."""
        rows = [row for row in self.all if row.kernel == kernel]
        reproduced, recorded = _sums(r"(\d+) of (\d+)$", rows)
        polls, _ = _sums(r"(\d+) polls, (\d+) successful", rows)
        counts = " | ".join(str(self.count(status, kernel)) for status in (PASS, FAIL, SKIPPED))
        return f"| {kernel} | {reproduced:,} of {recorded:,} | {polls:,} | {counts} |"

    @property
    def failures(self) -> list[Row]:
        return [row for row in self.all if row.status == FAIL]

    def totals(self, seconds: float) -> str:
        return (f"lab: {self.count(PASS)} passed, {self.count(FAIL)} failed, {self.count(SKIPPED)} skipped"
                f" in {seconds:.0f} s")

    def exit_code(self) -> int:
        """Failed with any failure, and where nothing at all was tried."""
        return 0 if self.count(FAIL) == 0 and self.count(PASS) > 0 else 1


def _sums(pattern: str, rows: list[Row]) -> tuple[int, int]:
    """Both numbers of a pattern, added up over the details that begin with it."""
    found = [match for row in rows if (match := re.match(pattern, row.detail))]
    return sum(int(match[1]) for match in found), sum(int(match[2]) for match in found)


def expect(condition: bool, detail: str) -> None:
    if not condition:
        raise Failed(detail)
