"""The small recording that the tests of the readers use: as true as the others, and small."""

import shutil
from pathlib import Path

import truth
from .common import Case, nothing_left, recorded
from rows import expect

FOLDER = Path(__file__).resolve().parents[2] / "Fixtures/traces"
LARGEST = 150_000


def check(case: Case) -> None:
    if recorded(case, "fixture", "a fixture"):
        case.check("a fixture: polls are KVM's", lambda: _polls(case))
        case.check("a fixture: is small", lambda: small(case))
    nothing_left(case)


def keep(results: Path, version: str) -> str:
    """Puts a recording that passed among the fixtures."""
    return kept(results, f"linux-{version}", "dat", "json")


def kept(results: Path, name: str, *endings: str) -> str:
    """Copies the files called "fixture" under the name they have among the fixtures."""
    for ending in endings:
        shutil.copy(results / f"fixture.{ending}", FOLDER / f"{name}.{ending}")
    return name


def _polls(case: Case) -> str:
    one, = truth.counted(case.file("fixture.json"))
    pair = one.rebuilt(case.polltrace.report(case.file("fixture.dat"))), one.counters
    found = truth.differences(*pair, case.version, measured=False)
    expect(not found, "; ".join(found))
    return truth.agreement([pair], measured=False)


def small(case: Case) -> str:
    """A fixture that does not weigh on the repository."""
    size = case.file("fixture.dat").stat().st_size
    expect(size <= LARGEST, f"{size} bytes")
    return f"{size} bytes"
