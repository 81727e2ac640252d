"""Folders that stand for /, the tool in them, and checks that say what they found."""
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

BEFORE = {"ns": "0", "grow": "2", "grow_start": "50000", "shrink": "2", "allow_shrink": "Y"}
HOST = {"": "200000", "_grow": "2", "_grow_start": "10000", "_shrink": "0"}


class Root:
    """A folder with the parameters of a target; `real` is the machine itself."""

    polltrace = None

    def __init__(self, target="guest", real=False, without=()):
        self.target, self.real = target, real
        self.path = Path("/") if real else Path(tempfile.mkdtemp(prefix="polltrace-apply-"))
        if real:
            return
        (self.path / "etc").mkdir()
        module = {"host": "kvm", "guest": "haltpoll"}[target]
        self.write("proc/sys/kernel/osrelease", "6.12.9-amd64\n")
        values = ({f"halt_poll_ns{name}": value for name, value in HOST.items()} if target == "host"
                  else {f"guest_halt_poll_{name}": value for name, value in BEFORE.items()})
        for name, value in values.items():
            if name not in without:
                self.write(f"sys/module/{module}/parameters/{name}", value + "\n")

    def write(self, path, text, mode=0o644):
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def read(self, path):
        file = self.path / path
        return file.read_text() if file.exists() else None

    def parameter(self, name):
        folder = {"host": "sys/module/kvm/parameters", "guest": "sys/module/haltpoll/parameters"}
        return self.path / folder[self.target] / name

    @property
    def values(self):
        """What the parameters are, by name."""
        folder = self.parameter("x").parent
        return {file.name: file.read_text().strip() for file in folder.iterdir()
                if "halt_poll" in file.name}

    def command(self, *words):
        """The tool's command line here, for its command words[0]."""
        root = [] if self.real else ["--root", str(self.path)]
        target = ["--target", self.target] if words[0] in ("apply", "trial") else []
        return [self.polltrace, *words, *target, *root]

    def run(self, *words, under=()):
        """Runs the tool to its end, under another program where one is named."""
        return subprocess.run([*under, *self.command(*words)], capture_output=True, text=True,
                              timeout=60, check=False)

    def start(self, *words):
        """Starts the tool; its output is read when it is waited for."""
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def status(self):
        return json.loads(self.run("status", "--format", "json").stdout)

    @property
    def guard(self):
        """The process that guards the open change; None where there is none."""
        root = b"" if self.real else str(self.path).encode()
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            own = os.fsencode(self.polltrace)
            if words[1:2] == [b"guard"] and words[0].endswith(os.path.basename(own)):
                if (root in words) if root else (b"--root" not in words):
                    return int(process.name)
        return None

    def wait(self, wanted, seconds):
        """Waits until `wanted()` holds; whether it came to that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if wanted():
                return True
            time.sleep(0.05)
        return wanted()

    def remove(self):
        if not self.real:
            shutil.rmtree(self.path, ignore_errors=True)


class Checks:
    """Counts what holds, and names what does not."""

    def __init__(self):
        self.done, self.failures = 0, []

    def that(self, holds, words):
        self.done += 1
        if not holds:
            self.failures.append(words)
            print(f"FAILED: {words}", flush=True)
        return holds

    def ran(self, result, code, said=()):
        """That a run ended with `code` and said each of `said`."""
        words = result.stdout + result.stderr
        self.that(result.returncode == code,
                  f"{' '.join(map(str, result.args))}: exit code {result.returncode}, not {code}: {words}")
        for part in said:
            self.that(part in words, f"{' '.join(map(str, result.args))}: says no '{part}': {words}")
