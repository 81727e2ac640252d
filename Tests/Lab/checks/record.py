"""Recording as such, against KVM's counts."""

from .common import Case, nothing_left, recorded, recorded_truly, sums


def check(case: Case) -> None:
    recorded_truly(case, "whole", "one VM")
    if recorded(case, "stopped", "a stopped VM"):
        case.check("a stopped VM: sums are debugfs's", lambda: sums(case, "stopped.dat", "stopped.counters"))
    recorded_truly(case, "two", "two VMs at once", "two-low.json", "two-high.json")
    recorded_truly(case, "meanwhile", "VMs that come and go", *[f"meanwhile-{n}.json" for n in (1, 2, 3)])
    recorded_truly(case, "offline", "a CPU offline")
    recorded_truly(case, "hotplug", "a CPU that leaves and comes back")
    nothing_left(case)
