"""On this machine's own haltpoll parameters, one after the other."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trials
from killing import POINTS, killed_at, stopped_at
from machine import Root

LIST = "guest_halt_poll_ns=150us,grow=4,shrink=4"
SET = {"guest_halt_poll_ns": "150000", "guest_halt_poll_grow": "4", "guest_halt_poll_shrink": "4"}


def begin(checks):
    root = Root(real=True)
    if root.status().get("open"):
        root.run("revert")
    return root, root.values


def test_timeout(checks):
    """Nobody confirms."""
    root, before = begin(checks)
    checks.ran(root.run("apply", LIST, "--confirm-within", "1s"), 0, ["150000", "polltrace confirm"])
    checks.that(root.values == before | SET, f"apply set {root.values}")
    checks.ran(root.run("apply", "grow=8"), 1, ["is open"])
    checks.that(root.wait(lambda: root.values == before, 5), f"not taken back: {root.values}")
    checks.that(root.wait(lambda: root.guard is None, 5), "the guard stays")
    checks.that(root.status()["last"]["how"] == "timed out", "status does not say that time was over")
    checks.ran(root.run("confirm"), 1, ["no change is open"])


def test_confirm_and_revert(checks):
    root, before = begin(checks)
    checks.ran(root.run("apply", LIST, "--confirm-within", "2s"), 0)
    checks.ran(root.run("confirm"), 0, ["confirmed"])
    time.sleep(2.6)
    checks.that(root.values == before | SET, f"a confirmed change was taken back: {root.values}")
    checks.ran(root.run("revert"), 0, ["restored"])
    checks.that(root.values == before, f"revert left {root.values}")
    checks.ran(root.run("revert"), 1, ["nothing to revert"])


def test_kill(checks):
    """kill -9 of the tool at ten points, from before the record to after the last write."""
    for point in POINTS:
        root, before = begin(checks)
        died = killed_at(root, point, LIST, "1s")
        checks.that(died, f"killed at {point}: the tool did not come to that point")
        checks.that(root.wait(lambda: root.values == before and root.guard is None, 6),
                    f"killed at {point}: not restored: {root.values}")
        # What a killed command left keeps the next one from its work for its time, and no longer.
        time.sleep(1.2)
        checks.ran(root.run("apply", "grow=3", "--confirm-within", "1s"), 0)
        checks.ran(root.run("revert"), 0)
        checks.that(root.values == before, f"killed at {point}: then {root.values}")


def test_stop(checks):
    """SIGSTOP between two writes, with the lock held; the guard restores, and nothing is written later."""
    root, before = begin(checks)
    stopped = stopped_at(root, LIST, "1s")
    checks.that(root.wait(lambda: root.values != before, 5), "nothing was written before the stop")
    checks.that(root.wait(lambda: root.values == before and root.guard is None, 15),
                f"stopped: not restored: {root.values}")
    stopped.wait(10)
    checks.that(stopped.returncode == -signal.SIGKILL or stopped.returncode == 128 + signal.SIGKILL,
                f"stopped: the tool ended with {stopped.returncode}")
    checks.that(root.values == before, f"stopped: written later: {root.values}")


def test_others(checks):
    """Somebody else sets a parameter in the middle."""
    root, before = begin(checks)
    checks.ran(root.run("apply", LIST, "--confirm-within", "1s"), 0)
    root.parameter("guest_halt_poll_grow").write_text("3")
    others = before | {"guest_halt_poll_grow": "3"}
    checks.that(root.wait(lambda: root.values == others, 6), f"others: {root.values}")
    checks.that(root.wait(lambda: root.status()["last"]["restoration"]["left_alone"]
                          == {"guest_halt_poll_grow": 3}, 3), "status does not name what was left alone")
    root.parameter("guest_halt_poll_grow").write_text(before["guest_halt_poll_grow"])


def test_full_disk(checks):
    """No room for the record: nothing is set. No room later: it is taken back, or confirmed, all the same."""
    root, before = begin(checks)
    tmpfs = "mkdir -p /run/polltrace && mount -t tmpfs -o size=64k,mode=700 none /run/polltrace"
    fill = "(dd if=/dev/zero of=/run/polltrace/full bs=1k 2>/dev/null || true)"
    tool = Root.polltrace
    ns = ["unshare", "-m", "bash", "-ec"]
    run = lambda script: __import__("subprocess").run([*ns, script], capture_output=True, text=True)
    show = "grep -h . /sys/module/haltpoll/parameters/guest_halt_poll_ns"
    apply = f"{tool} apply --target guest guest_halt_poll_ns=150us --confirm-within 1s"
    result = run(f"{tmpfs}; {fill}; {apply} || echo code $?; {show}")
    checks.that(result.stdout.split() == ["code", "1", before["guest_halt_poll_ns"]]
                and "No space left" in result.stderr, f"full before: {result}")
    result = run(f"{tmpfs}; {apply} >/dev/null; {fill}; {show}; sleep 2.5; {show}")
    checks.that(result.stdout.split() == ["150000", before["guest_halt_poll_ns"]],
                f"full after: {result}")
    result = run(f"{tmpfs}; {apply} >/dev/null; {fill}; {tool} confirm >/dev/null; sleep 2.5; {show}; "
                 f"{tool} revert >/dev/null; {show}")
    checks.that(result.stdout.split() == ["150000", before["guest_halt_poll_ns"]],
                f"full at confirm: {result}")
    checks.that(root.values == before, f"full disk: {root.values}")


TRIAL = ["trial", "--setting", "guest_halt_poll_ns=200us", "--for", "16s", "--block", "1s", "--format", "json"]


def halts():
    """How often this machine's CPUs have halted or polled since its boot."""
    return sum(int(file.read_text()) for file in Path("/sys/devices/system/cpu").glob("cpu*/cpuidle/state*/usage"))


def test_trial(checks):
    """Two processes that wait for each other gain from polling, and the trial finds that, with its poll CPU."""
    root, before = begin(checks)
    root.parameter("guest_halt_poll_ns").write_text("0")
    load = subprocess.Popen([sys.executable, Path(__file__).with_name("pingpong.py")], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        began = halts()
        time.sleep(2)
        rate = (halts() - began) / 2
        # Undisturbed it is 40,000.
        if rate < 10_000:
            print(f"skipped: other tasks leave this machine's CPUs too little idle time ({rate:.0f} halts/s)")
            return
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trial.dat"
            result = root.run(*TRIAL, "--seed", "1", "--objective", "latency", "-o", trace)
            found = json.loads(result.stdout)
            if min(block["halts_per_second"] for block in found["blocks"]) < 10_000:
                print("skipped: other tasks have taken this machine's CPUs meanwhile")
                return
            # A CPU whose idle task the kernel does not trace is counted beside, and said.
            dark = any("does not trace the idle task" in note for note in found["notes"])
            checks.ran(result, 2 if dark else 0)
            look_at_recording(checks, trace, found)
        effect = found["effects"][0]
        checks.that(found["finding"] == "better" and effect["high"] < 0.8, f"trial: {found['reason']}")
        checks.that(effect["halts_per_second_ratio"]["low"] > 1.5, f"trial: {effect}")
        # A CPU that polls goes on under the limit of before until a poll runs out: such blocks are not compared.
        polling = [[block["poll_cpu_share"] for block in found["blocks"]
                    if block["setting"] == setting and not block["carried_over"]] for setting in (0, 1)]
        checks.that(all(polling) and max(polling[0]) < 0.1 < min(polling[1]), f"trial: poll CPU {polling}")
        checks.that(root.values == before | {"guest_halt_poll_ns": "0"}, f"trial left {root.values}")
    finally:
        load.kill()
        load.wait()
        root.parameter("guest_halt_poll_ns").write_text(before["guest_halt_poll_ns"])


def look_at_recording(checks, trace, found):
    """The blocks are what the recording's report says of their time, and what the kernel counts; recommend takes all."""
    for block in found["blocks"]:
        counted = block["kernel_counters"]
        checks.that(abs(counted["halts"] / block["halts"] - 1) < 0.1, f"a block's idle times: {block}, {counted}")
        if block["setting"] == 0 and not block["carried_over"]:
            # Each waits for the other, which wakes it by an interrupt.
            checks.that(block["wake_latencies"] > 1000 and 1_000 < block["wake_latency_ns"]["p50"] < 1_000_000,
                        f"a block's latency: {block}")
    checks.that(found["latency_source"] == "measured", f"latency: {found['latency_source']}")
    begin = asked("report", trace, "--no-recommendation")["trace"][0]["begin_ns"]
    for block in (found["blocks"][0], found["blocks"][-1]):
        since = block["begin_ns"] - begin
        report = asked("report", trace, "--no-recommendation", "--from", f"{since}ns",
                       "--to", f"{since + block['duration_ns']}ns")
        told = report["total"]["wake_latency_ns"]["count"]
        # What is going on at a block's ends belongs to one or the other.
        checks.that(abs(told - block["wake_latencies"]) <= 4, f"a block's halts: {block['wake_latencies']}, report {told}")
    advice = asked("recommend", trace)
    checks.that(advice["evidence"]["trial_blocks"] == len(found["blocks"]), f"recommend: {advice['evidence']}")
    checks.that(advice["current"]["parameters"]["guest_halt_poll_ns"] == 0, f"recommend: {advice['current']}")
    checks.that(advice["verdict"] == "change" and advice["recommended"]["parameters"]["guest_halt_poll_ns"] > 10_000,
                f"recommend: {advice['verdict']} {advice['recommended']}")


def asked(command, trace, *options):
    run = subprocess.run([Root.polltrace, command, trace, *options, "--format", "json"], capture_output=True, text=True,
                         check=False)
    if run.returncode not in (0, 2):
        raise AssertionError(f"{command}: {run.stderr}")
    return json.loads(run.stdout)


def test_trial_without_tracefs(checks):
    """Without tracefs the kernel's counts tell; what needs a recording is refused."""
    root, before = begin(checks)
    # debugfs would mount it anew.
    away = "umount -l -a -t debugfs,tracefs; exec "
    trial = lambda *words: subprocess.run(
        ["unshare", "-m", "sh", "-c", away + '"$@"', "sh", *root.command("trial", "--setting", "guest_halt_poll_ns=100us",
                                                                      "--for", "16s", "--block", "1s", *words)],
        capture_output=True, text=True, timeout=60, check=False)
    result = trial("--format", "json")
    found = json.loads(result.stdout)
    # Where other tasks have the CPUs all the time, there is nothing to compare.
    checks.ran(result, 0 if any(block["halts"] for block in found["blocks"]) else 1)
    checks.that(found["latency_source"] == "assumed" and len(found["blocks"]) == 16, f"no tracefs: {found['reason']}")
    checks.that(any("tracefs is not mounted" in note for note in found["notes"]), f"no tracefs: {found['notes']}")
    checks.ran(trial("-o", "/dev/shm/trial.dat"), 1, ["tracefs is not mounted"])
    checks.ran(trial("--max-wake-latency", "p99=50us"), 1, ["--max-wake-latency", "polltrace check"])
    checks.that(root.values == before, f"no tracefs: {root.values}")


def test_no_vm_is_reached(checks):
    """Where each VM keeps a limit of its own, a trial of the limit alone ends; no other test's VM may run meanwhile."""
    with trials.host("--ceiling", "20us", mean="100us") as (root, before):
        if len(vms := running_vms()) > 1:
            print(f"skipped: other VMs run on this machine: {vms}")
            return
        trial = root.start("trial", "--setting", "halt_poll_ns=50us", "--for", "40s", "--block", "2s", "--format", "json")
        found = trials.ended(checks, trial, 1, ["reaches no VM", "KVM_CAP_HALT_POLL"])
        checks.that(found["ended_early"] and len(found["blocks"]) < 20, f"own limit: {found['reason']}")
        checks.that([vm["ceiling_ns"] for vm in found["unreached"]] == [20_000], f"own limit: {found['unreached']}")
        checks.that(root.values == before, f"own limit: {root.values}")


def running_vms():
    """The processes that hold a VM."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(file) == "anon_inode:kvm-vm":
                found.add(int(file.parts[2]))
        except OSError:
            pass
    return found


def test_trial_ends(checks):
    """kill -9, SIGTERM, and a value that somebody else sets, in the middle of a trial."""
    for end in ["kill", "terminate", "others"]:
        root, before = begin(checks)
        trial = root.start(*TRIAL, "--setting", "grow=4,shrink=4", "--for", "48s", "--patience", "2s")
        changed = root.wait(lambda: root.values != before, 10)
        checks.that(changed, f"trial, {end}: sets nothing")
        expected = before
        if end == "others":
            root.parameter("guest_halt_poll_grow").write_text("3")
            expected = before | {"guest_halt_poll_grow": "3"}
        else:
            getattr(trial, end)()
        checks.that(root.wait(lambda: root.values == expected and root.guard is None, 10),
                    f"trial, {end}: {root.values}")
        output = trial.communicate(timeout=20)[0]
        checks.that(trial.returncode == (-signal.SIGKILL if end == "kill" else 1), f"trial, {end}: {trial.returncode}")
        if end == "others":
            checks.that("somebody else" in json.loads(output)["reason"], f"trial, {end}: {output}")
            root.parameter("guest_halt_poll_grow").write_text(before["guest_halt_poll_grow"])
