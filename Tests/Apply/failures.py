"""Where things fail: on folders that stand for /, one for each test."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from killing import POINTS, killed_at, stopped_at
from machine import Root

HALTLOAD = None
NS, GROW, SHRINK = "guest_halt_poll_ns", "guest_halt_poll_grow", "guest_halt_poll_shrink"
LIST = "guest_halt_poll_ns=150us,grow=4,shrink=4"


def test_write_fails(checks):
    """The second of two writes fails: the first is taken back. (/proc/self/oom_score_adj takes no 8.)"""
    root = Root()
    before = root.values
    link(root, NS, "/proc/self/oom_score_adj")
    checks.ran(root.run("apply", "guest_halt_poll_ns=2000,grow=4"), 1,
               ["2000 cannot be written: Invalid argument", "values of before are restored"])
    checks.that(root.values == before, f"write fails: {root.values}")
    checks.that(not root.status().get("open"), "write fails: the change stays open")
    root.remove()


def test_reads_otherwise(checks):
    """A file takes a value and shows another. (/proc/self/timerslack_ns makes its default of 0.)"""
    root = Root()
    link(root, "guest_halt_poll_grow_start", "/proc/self/timerslack_ns")
    before = root.values
    checks.ran(root.run("apply", "grow_start=0,shrink=4"), 1, ["reads 50000 after 0 was written"])
    checks.that(root.values == before, f"reads otherwise: {root.values}")
    root.remove()


def test_vanishes(checks):
    """A file goes away while the change is open, as with a module that is unloaded: the others are restored."""
    root = Root()
    checks.ran(root.run("apply", LIST, "--confirm-within", "30s"), 0)
    root.parameter(GROW).unlink()
    checks.ran(root.run("revert"), 2, [f"{GROW} left alone: its file is gone", "guest_halt_poll_ns=0"])
    checks.that(root.values[NS] == "0" and root.values[SHRINK] == "2", f"vanishes: {root.values}")
    root.remove()


def test_not_restored(checks):
    """The value of before cannot be written: said, tried again, and done once it can be."""
    root = Root()
    before = root.values
    checks.ran(root.run("apply", LIST, "--confirm-within", "1s"), 0)
    file = root.parameter(GROW)
    # Root's rights do not count on a read-only mount.
    subprocess.run(["mount", "--bind", file, file], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", file], check=True)
    try:
        time.sleep(2)
        checks.ran(root.run("revert"), 1, [f"{GROW} NOT restored", "Read-only file system"])
        checks.that(root.values[NS] == "0", "not restored: the others were not either")
        checks.that(bool(root.status().get("open")), "not restored: the change is forgotten")
    finally:
        subprocess.run(["umount", file], check=True)
    checks.that(root.wait(lambda: root.values == before, 5), f"not restored: {root.values}")
    root.remove()


def test_kill(checks):
    """kill -9 at each point: the values of before come back, or were never left."""
    def test(point):
        root = Root()
        before = root.values
        checks.that(killed_at(root, point, LIST, "1s"), f"killed at {point}: did not come to it")
        checks.that(root.wait(lambda: root.values == before and root.guard is None, 8),
                    f"killed at {point}: not restored: {root.values}")
        root.remove()

    threads = [threading.Thread(target=test, args=[point]) for point in POINTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_stop(checks):
    """A stopped command that has the lock is killed before the values are restored."""
    root = Root()
    before = root.values
    stopped = stopped_at(root, LIST, "1s")
    checks.that(root.wait(lambda: root.values != before, 5), "stopped: nothing was written before")
    checks.that(root.wait(lambda: root.values == before, 15), f"stopped: not restored: {root.values}")
    stopped.wait(10)
    checks.that(root.values == before, f"stopped: written later: {root.values}")
    root.remove()


def test_guard_ends(checks):
    """A guard that is told to end takes the change back; one that is killed is missed by status."""
    root = Root()
    before = root.values
    checks.ran(root.run("apply", LIST, "--confirm-within", "60s"), 0)
    os.kill(root.guard, signal.SIGTERM)
    checks.that(root.wait(lambda: root.values == before, 5), f"guard told to end: {root.values}")
    checks.ran(root.run("apply", LIST, "--confirm-within", "1s"), 0)
    checks.that(root.status()["guarded"], "status misses a guard that is there")
    os.kill(root.guard, signal.SIGKILL)
    checks.that(root.wait(lambda: not root.status()["guarded"], 5), "status sees a guard that is dead")
    checks.ran(root.run("status"), 0, ["NOT at work"])
    time.sleep(1.2)
    # Its time is over: the next command takes it back.
    checks.ran(root.run("confirm"), 1, ["too late"])
    checks.that(root.values == before, f"guard killed: {root.values}")
    root.remove()


def test_second_change(checks):
    root = Root()
    checks.ran(root.run("apply", LIST), 0)
    set_values = root.values
    checks.ran(root.run("apply", "grow=8"), 1, ["is open", "polltrace revert"])
    checks.that(root.values == set_values, "a second change was made")
    checks.ran(root.run("revert"), 0)
    root.remove()


def test_at_once(checks):
    """Many at the same time: one is made."""
    root = Root()
    results = []
    threads = [threading.Thread(target=lambda n=n: results.append(root.run("apply", f"grow={n}")))
               for n in range(3, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    checks.that(sorted(result.returncode for result in results) == [0] + [1] * 7,
                f"at once: {[result.returncode for result in results]}")
    checks.ran(root.run("revert"), 0)
    checks.that(root.values[GROW] == "2", f"at once: {root.values}")
    root.remove()


def test_others(checks):
    """What somebody else has set is left alone and named, by confirm and by revert."""
    root = Root()
    checks.ran(root.run("apply", LIST), 0)
    root.parameter(GROW).write_text("7\n")
    checks.ran(root.run("status"), 0, [f"{GROW} is 7: somebody else has set it"])
    checks.ran(root.run("confirm"), 2, [f"{GROW} is 7"])
    checks.ran(root.run("revert"), 2, [f"{GROW} left alone: somebody else has set it to 7"])
    checks.that(root.values[NS] == "0" and root.values[GROW] == "7", f"others: {root.values}")
    root.remove()


def test_record_removed(checks):
    """Somebody removes what is written down: the guard takes the change back."""
    root = Root()
    before = root.values
    checks.ran(root.run("apply", LIST, "--confirm-within", "60s"), 0)
    shutil.rmtree(root.path / "run/polltrace")
    checks.that(root.wait(lambda: root.values == before, 5), f"record removed: {root.values}")
    root.remove()


def test_record_damaged(checks):
    """A damaged record keeps commands from guessing; the guard knows what it was."""
    root = Root()
    before = root.values
    checks.ran(root.run("apply", LIST, "--confirm-within", "2s"), 0)
    root.write("run/polltrace/change.json", "{")
    for command in (["confirm"], ["revert"], ["status"], ["apply", "grow=8"]):
        checks.ran(root.run(*command), 1, ["change.json: is damaged"])
    checks.that(root.wait(lambda: root.values == before, 8), f"record damaged: {root.values}")
    root.remove()


def test_restart(checks):
    """A record of another boot: the restart has taken the change back, and nothing is written."""
    root = Root()
    checks.ran(root.run("apply", LIST, "--confirm-within", "60s"), 0)
    os.kill(root.guard, signal.SIGKILL)
    record = json.loads(root.read("run/polltrace/change.json"))
    record["boot"] = "another"
    root.write("run/polltrace/change.json", json.dumps(record))
    checks.ran(root.run("status"), 0, ["void: the host was restarted"])
    set_values = root.values
    checks.ran(root.run("confirm"), 1, ["the host was restarted since"])
    checks.that(root.values == set_values, "a record of another boot was followed")
    checks.ran(root.run("apply", "grow=8"), 0)
    checks.ran(root.run("revert"), 0)
    root.remove()


def test_distrusted_folder(checks):
    """A state folder that others may write to is not used."""
    root = Root()
    (root.path / "run/polltrace").mkdir(parents=True)
    (root.path / "run/polltrace").chmod(0o777)
    checks.ran(root.run("apply", LIST), 1, ["others than its owner may write to it"])
    checks.that(root.values[NS] == "0", "distrusted: set")
    root.remove()


def test_refusals(checks):
    """What cannot work is refused with its reason, and nothing is written."""
    root = Root("host", without=["halt_poll_ns_grow_start"])
    before = root.values
    cases = [
        (["halt_poll_ns=200ms"], 64, "from 0 to 10 ms"), (["halt_poll_ns=200"], 0, ""),
        (["grow_start=10us"], 1, "no such parameter"), (["guest_halt_poll_ns=1"], 64, "is none of"),
        (["halt_poll_ns=1", "--confirm-within", "0s"], 64, "from 1s to 24h"),
        (["recommended"], 64, "name a trace"), (["halt_poll_ns=1", "grow=2"], 64, "one LIST"),
        (["halt_poll_ns=200000"], 0, "is what holds already"),
    ]
    for words, code, said in cases:
        checks.ran(root.run("apply", *words), code, [said])
        if code == 0 and not said:
            checks.ran(root.run("revert"), 0)
        checks.that(root.values == before, f"{words}: {root.values}")
    root.parameter("halt_poll_ns").chmod(0o444)
    checks.ran(root.run("apply", "halt_poll_ns=50us"), 1, ["read-only on this kernel", "command line"])
    root.write("sys/module/kvm/initstate", "live\n")
    checks.ran(root.run("apply", "halt_poll_ns=50us"), 1, ["/etc/modprobe.d"])
    # Its value stays, and the others can be set.
    checks.ran(root.run("apply", "halt_poll_ns=200us,grow=4"), 0)
    checks.ran(root.run("revert"), 0)
    checks.that(root.values == before, f"refusals: {root.values}")
    root.remove()
    root = Root("host")
    shutil.rmtree(root.path / "sys")
    checks.ran(root.run("apply", "grow=4"), 1, ["the module kvm is not loaded", "--target guest"])
    root.remove()


def test_running_vms(checks):
    """5.8 to 6.0: a VM keeps the longest interval that it was started with."""
    if not os.access("/dev/kvm", os.W_OK):
        return print("skipped: VMs that run, without /dev/kvm")
    root = Root("host")
    root.write("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n")
    load = subprocess.Popen([HALTLOAD, "--vcpus", "1", "--duration", "20s"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        checks.ran(root.run("apply", "halt_poll_ns=50us"), 1, ["would not reach", "5.8 to 6.0", "--force"])
        checks.that(root.values["halt_poll_ns"] == "200000", "running VMs: set all the same")
        for words in (["grow=4"], ["halt_poll_ns=50us", "--force"]):
            checks.ran(root.run("apply", *words), 0)
            checks.ran(root.run("revert"), 0)
    finally:
        load.kill()
        load.wait()
    root.remove()


def test_log(checks):
    """What was changed and why is in the system's log."""
    root = Root()
    folder = Path(tempfile.mkdtemp(prefix="polltrace-dev-"))
    subprocess.run(["mknod", folder / "null", "c", "1", "3"], check=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(folder / "log"))
        log.settimeout(5)
        # /dev/log is the socket for the tool and its guard alone.
        under = ["unshare", "-m", "sh", "-c", f'mount --bind {folder} /dev && exec "$@"', "sh"]
        checks.ran(root.run("apply", LIST, "--confirm-within", "1s", under=under), 0)
        lines = [log.recv(4096).decode() for _ in range(2)]
    checks.that(lines[0].startswith("<29>polltrace[") and "guest_halt_poll_ns 0 to 150000" in lines[0]
                and "as the command line says" in lines[0], f"log: {lines[0]}")
    checks.that("timed out" in lines[1] and "guest_halt_poll_ns=0" in lines[1], f"log: {lines[1]}")
    root.wait(lambda: root.guard is None, 5)
    shutil.rmtree(folder)
    root.remove()


def link(root, name, path):
    root.parameter(name).unlink()
    root.parameter(name).symlink_to(path)


