"""Other tools' files in polltrace, polltrace's files in other tools."""

import shutil
import subprocess

from .common import Case, counters, decisions, nothing_left
from rows import Failed, Skipped, expect

FORMATS = {
    "trace-cmd version 6": ("six.dat", "six.json"),
    "trace-cmd version 7, zstd": ("seven.dat", "seven.json"),
    "a trace-cmd instance": ("instance.dat", "instance.json"),
    "perf.data": ("perf.data", "perf.json"),
    "the text of trace": ("text.txt", "text.json"),
}


def check(case: Case) -> None:
    for name, (trace, stats) in FORMATS.items():
        if case.check(f"{name}: decisions reproduced", lambda: _opened(case, trace)):
            case.check(f"{name}: polls are KVM's", lambda: _counters(case, trace, stats))
    nothing_left(case)


def _opened(case: Case, trace: str) -> str:
    return decisions(_report(case, trace))


def _counters(case: Case, trace: str, stats: str) -> str:
    _report(case, trace)
    return counters(case, trace, stats, measured=False)


def _report(case: Case, trace: str) -> dict:
    if not case.file(trace).exists():
        raise Skipped(f"no {trace} came back")
    try:
        return case.polltrace.report(case.file(trace))
    except Failed as failed:
        if "no format that polltrace knows" in str(failed):
            raise Skipped("not checked: polltrace does not read it yet") from failed
        raise


def same_halts(case: Case, ours: str, theirs: str) -> str:
    """Two recordings of the same VM show the same halts and decisions, thread by thread."""
    keys = ["halts", "polled", "waited", "grows", "shrinks"]
    per_thread = [{v["tid"]: [v[key] for key in keys] for v in case.polltrace.report(case.file(file))["vcpus"]}
                  for file in (ours, theirs)]
    expect(per_thread[0] == per_thread[1], f"{keys} by thread: {per_thread[0]} and {per_thread[1]}")
    return f"{sum(counts[0] for counts in per_thread[0].values())} halts"


def opened_by_trace_cmd(case: Case, trace: str) -> str:
    """trace-cmd prints as many wake-ups as polltrace counts halts, and complains about nothing."""
    if shutil.which("trace-cmd") is None:
        raise Skipped("no trace-cmd on this machine")
    done = subprocess.run(["trace-cmd", "report", "-i", case.file(trace)], capture_output=True, text=True)
    expect(done.returncode == 0, f"trace-cmd report ended with {done.returncode}")
    complaints = [line for line in done.stderr.splitlines() if line.strip()]
    expect(not complaints, f"trace-cmd says: {complaints[:1]}")
    printed = done.stdout.count(" kvm_vcpu_wakeup:")
    counted = case.polltrace.report(case.file(trace))["total"]["halts"]
    expect(printed == counted, f"trace-cmd prints {printed} wake-ups, polltrace counts {counted} halts")
    return f"{printed} wake-ups"
