"""`apply recommended TRACE`, from traces that the tests have."""
from pathlib import Path

from machine import Root

TRACES = Path(__file__).parent.parent / "Fixtures/traces"


def test_recommended(checks):
    """What recommend says is set, with its reason and range; what carries no recommendation sets nothing."""
    root = Root("host")
    before = root.values
    # polltrace recommend: halt_poll_ns 0, grow 2, grow_start 10000, shrink 2.
    two = TRACES / "two-vms.dat.zst"
    checks.ran(root.run("apply", "recommended", TRACES / "linux-6.12.dat"), 1, ["recorded on host", "--force"])
    checks.that(root.values == before, f"another host's: {root.values}")
    checks.ran(root.run("apply", "recommended", two, "--force"), 0,
               ["halt_poll_ns 200000 → 0, grow_start 10000, grow 2, shrink 0 → 2", "recommended from",
                "predicted at", "of the present one ("])
    checks.that(root.values == before | {"halt_poll_ns": "0", "halt_poll_ns_shrink": "2"},
                f"recommended: {root.values}")
    checks.that("poll CPU" in root.status()["open"]["reason"], "status does not say why")
    checks.ran(root.run("revert"), 0)
    cases = [
        ("linux-6.12.dat", "too few"), ("periodic.dat", "each has its own limit"),
        ("request.dat", "too short"),
    ]
    for name, said in cases:
        checks.ran(root.run("apply", "recommended", TRACES / name, "--force"), 1, [said, "Nothing was set"])
    checks.that(root.values == before, f"recommended: {root.values}")
    root.remove()
    guest = Root("guest")
    checks.ran(guest.run("apply", "recommended", two, "--force"), 1,
               ["a host's recording", "polltrace record --guest"])
    guest.remove()
