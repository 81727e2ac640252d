"""Trials on folders that stand for /: VMs run and are recorded for real, but their kernel does not obey the folder."""
import json
import random
import shutil
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import failures
from machine import Root
from recommended import TRACES

CEILING, SHRINK = "halt_poll_ns", "halt_poll_ns_shrink"
SETTING = "halt_poll_ns=50us,shrink=2"
# Two settings of eight blocks of a second.
SHORT = ["--for", "16s", "--block", "1s"]


@contextmanager
def host(*options, mean="2ms"):
    """A root whose VM halts 500 times a second, and its values."""
    root = Root("host")
    load = subprocess.Popen([failures.HALTLOAD, "--mean", mean, "--duration", "120s", "--quiet", *options],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # It halts by then.
        time.sleep(1)
        yield root, root.values
    finally:
        load.kill()
        load.wait()
        root.remove()


def started(root, *words):
    """A trial that has set its first candidate."""
    trial = root.start("trial", "--setting", SETTING, *SHORT, *words)
    root.wait(lambda: root.values[CEILING] == "50000", 10)
    return trial


def ended(checks, trial, code, said=()):
    """What a trial that ended with `code`, or one of several, found, as JSON."""
    output, words = trial.communicate(timeout=60)
    codes = code if isinstance(code, tuple) else (code,)
    notes = json.loads(output).get("notes") if output.startswith("{") else None
    checks.that(trial.returncode in codes, f"trial: exit code {trial.returncode}, not {code}: {words} {notes}")
    for part in said:
        checks.that(part in words, f"trial: says no '{part}': {words}")
    return json.loads(output)


def test_whole(checks):
    """From the first block to the last: nothing obeys, so there is no gain to find, and all is restored."""
    with host() as (root, before):
        trace = root.path / "trial.dat"
        found = ended(checks, root.start("trial", "--setting", SETTING, *SHORT, "--seed", "7", "--format", "json",
                                         "--keep", "-o", str(trace)), 0)
        checks.that(root.values == before, f"whole: {root.values}")
        checks.that(found["verdict"] in ("restored", "undecided") and found["restored"] and not found["left_alone"],
                    f"whole: {found['reason']}")
        settings = [block["setting"] for block in found["blocks"]]
        checks.that(len(settings) == 16 and all(sorted(settings[at:at + 2]) == [0, 1] for at in range(0, 16, 2)),
                    f"whole: settings in the order {settings}")
        checks.that(all(block["halts"] > 100 for block in found["blocks"]), "whole: a block without halts")
        # Two ways to count the same halts, where no VM of another test came or went; they look a moment apart.
        for block in found["blocks"]:
            counted = block["kernel_counters"]
            if counted and counted["cpus"] == block["cpus"]:
                checks.that(abs(counted["halts_per_second"] / block["halts_per_second"] - 1) < 0.2,
                            f"whole: {counted['halts_per_second']} and {block['halts_per_second']} halts/s")
        effect = found["effects"][0]
        checks.that(effect["pairs"] == 8 and effect["low"] < effect["cost_ratio"] < effect["high"], f"whole: {effect}")
        checks.that(found["blocks"][0]["wake_latency_ns"]["p99"] > 1_000, f"whole: {found['blocks'][0]}")
        advice = subprocess.run([Root.polltrace, "recommend", trace], capture_output=True, text=True, check=False)
        checks.that(advice.returncode in (0, 2) and "16 blocks of a trial" in advice.stdout,
                    f"whole: recommend: {advice}")
        checks.that(not root.status().get("open"), "whole: the change stays open")


def test_signals(checks):
    """Ctrl-C and SIGTERM: restored at once, and what is known is said."""
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        with host() as (root, before):
            trace = root.path / "trial.dat"
            trial = started(root, "--format", "json", "-o", str(trace))
            time.sleep(2.5)
            trial.send_signal(number)
            checks.that(root.wait(lambda: root.values == before, 3), f"{number.name}: {root.values}")
            found = ended(checks, trial, 1, [f"ended by {number.name}"])
            checks.that(found["ended_early"] and found["restored"], f"{number.name}: {found['reason']}")
            checks.that(trace.exists(), f"{number.name}: no trace")


def test_kill_trial(checks):
    """kill -9 at ten points in time: the guard restores, and another trial can begin."""
    def test(after):
        with host() as (root, before):
            trial = root.start("trial", "--setting", SETTING, *SHORT, "--patience", "2s")
            time.sleep(after)
            trial.kill()
            trial.wait()
            checks.that(root.wait(lambda: root.values == before and root.guard is None, 15),
                        f"trial killed after {after} s: {root.values}")
            checks.that(not root.status().get("open"), f"trial killed after {after} s: the change stays open")

    points = [random.Random(number).uniform(number * 0.4, number * 0.4 + 0.4) for number in range(10)]
    threads = [threading.Thread(target=test, args=[after]) for after in points]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_stop_trial(checks):
    """A stopped trial: the guard restores; when it goes on it sets nothing any more."""
    with host() as (root, before):
        trial = started(root, "--patience", "2s", "--format", "json")
        trial.send_signal(signal.SIGSTOP)
        checks.that(root.wait(lambda: root.values == before, 15), f"trial stopped: {root.values}")
        trial.send_signal(signal.SIGCONT)
        found = ended(checks, trial, 1, ["no longer open"])
        checks.that(found["restored"], f"trial stopped: {found['reason']}")
        checks.that(root.values == before, f"trial stopped: set later: {root.values}")


def test_others_in_trial(checks):
    """Somebody else sets a parameter in the middle: it is left alone, the others are restored."""
    with host() as (root, before):
        trial = started(root, "--format", "json")
        root.parameter(CEILING).write_text("70000\n")
        found = ended(checks, trial, 1, ["somebody else has set halt_poll_ns is 70000"])
        checks.that(root.values == before | {CEILING: "70000"}, f"others in a trial: {root.values}")
        checks.that(found["left_alone"] == [CEILING], f"others in a trial: {found['left_alone']}")
        checks.that(any("70000" in words for words in found["notes"]), f"others in a trial: {found['notes']}")


def test_trial_disk_full(checks):
    """The recording has no room any more."""
    with host() as (root, before):
        small = root.path / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", small], check=True)
        try:
            trial = started(root, "--format", "json", "-o", str(small / "trial.dat"))
            found = ended(checks, trial, 1, ["No space left"])
            checks.that(root.values == before and found["restored"], f"trial, disk full: {root.values}")
        finally:
            subprocess.run(["umount", "-l", small], check=True)


def test_recorder_lost(checks):
    """Somebody removes what the recorder writes."""
    with host() as (root, before):
        trial = started(root, "--format", "json", "-o", str(root.path / "trial.dat"))
        # The recorder renames what it writes: until nothing is there.
        parts = root.path / "trial.dat.parts"
        root.wait(lambda: shutil.rmtree(parts, ignore_errors=True) or not parts.exists(), 10)
        found = ended(checks, trial, 1)
        checks.that(root.values == before and found["ended_early"], f"recorder lost: {root.values}")


def test_trial_of_a_trace(checks):
    """What recommend says of a trace is tried, and what it predicts stands beside what was measured."""
    with host() as (root, before):
        found = ended(checks, root.start("trial", str(TRACES / "two-vms.dat.zst"), "--force", "--format", "json", *SHORT,
                                         "--max-wake-latency", "p99=1s"), 0)
        tried = found["tried"][0]
        checks.that(tried["setting"] == "halt_poll_ns=0,grow_start=10000,grow=2,shrink=2", f"trace: {tried}")
        predicted = tried["predicted"]
        checks.that(predicted["cost_ratio_low"] < predicted["cost_ratio"] < predicted["cost_ratio_high"]
                    and predicted["cost_ratio"] < 1,
                    f"trace: {predicted}")
        checks.that(found["settling_ns"] == 250_000_000, f"trace: {found['settling_ns']}")
        checks.that(root.values == before, f"trace: {root.values}")
    root = Root("host")
    checks.ran(root.run("trial", str(TRACES / "linux-6.12.dat")), 1, ["recorded on host", "--force"])
    root.remove()


def test_own_ceiling(checks):
    """A VM that keeps a limit of its own: the trial says which, beside what it found."""
    with host("--ceiling", "20us", mean="100us") as (root, before):
        # Its decisions may contradict the folder, which the kernel does not obey.
        found = ended(checks, root.start("trial", "--setting", SETTING, *SHORT, "--format", "json"), (0, 2))
        checks.that(20_000 in [vm["ceiling_ns"] for vm in found["unreached"]], f"own limit: {found['unreached']}")
        checks.that("of its own" in found["reason"] or "of their own" in found["reason"], f"own limit: {found['reason']}")
        checks.that(root.values == before, f"own limit: {root.values}")

# Other tests' trials would see this VM's decisions.
test_own_ceiling.alone = True


def test_apply_names_vms(checks):
    """Of a bare list nobody knows whether it reaches a VM that runs: those are named, with what tells."""
    with host() as (root, before):
        result = root.run("apply", "halt_poll_ns=50us")
        checks.ran(result, 0, ["not known of", "KVM_CAP_HALT_POLL", "polltrace record"])
        checks.ran(root.run("revert"), 0)
        result = root.run("apply", "shrink=4")
        checks.that("not known of" not in result.stdout, f"apply names VMs: {result.stdout}")
        checks.ran(root.run("revert"), 0)


def test_one_at_a_time(checks):
    """Neither a change nor a trial beside a trial, nor a trial beside a change; revert ends a trial."""
    with host() as (root, before):
        trial = started(root)
        checks.ran(root.run("apply", "halt_poll_ns=1000"), 1, ["is open (trial"])
        checks.ran(root.run("trial", "--setting", "halt_poll_ns=1000", *SHORT), 1, ["is open (trial"])
        checks.ran(root.run("confirm"), 1, ["a trial is running"])
        checks.ran(root.run("revert"), 0, ["restored"])
        checks.that(root.values == before, f"trial reverted: {root.values}")
        trial.communicate(timeout=30)
        checks.that(trial.returncode == 1 and root.values == before, f"trial reverted: {trial.returncode}, {root.values}")
        checks.ran(root.run("apply", "halt_poll_ns=1000"), 0)
        checks.ran(root.run("trial", "--setting", SETTING, *SHORT), 1, ["is open (apply"])
        checks.ran(root.run("revert"), 0)


def test_refused_trials(checks):
    """What cannot be tried."""
    root = Root("host")
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=200us"), 1, ["is what holds already"])
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=1us", "--setting", "halt_poll_ns=1000"), 1, ["twice"])
    checks.ran(root.run("trial"), 64, ["name a trace, or a setting"])
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=1us", "--for", "1m"), 64, ["at least 8 blocks each: --for 320s"])
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=1us", "--max-wake-latency", "p98=1us"), 64, ["p50, p99"])
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=1s"), 64, ["from 0 to 10 ms"])
    root.parameter(CEILING).chmod(0o444)
    checks.ran(root.run("trial", "--setting", "halt_poll_ns=1us"), 1, ["read-only on this kernel"])
    root.remove()
