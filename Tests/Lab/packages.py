"""Debian packages of any suite, unpacked into the cache; the machine's own apt is not touched."""

import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import mirror

CACHE = Path(__file__).resolve().parents[2] / ".lab-cache"
DAY = 24 * 60 * 60
# Held while the cache is looked at or filled: several kernels may be tried at once.
FILLING = threading.RLock()


class Unavailable(Exception):
    """A package could not be had; the text says which and why."""


class Suite:
    """One Debian suite and architecture with an apt of its own: sources, lists and status in the cache."""

    def __init__(self, name: str, architecture: str = "amd64"):
        self.name, self.architecture = name, architecture
        self.home = CACHE / "apt" / f"{name}-{architecture}"
        self._ready = False

    def newest(self, pattern: str) -> str:
        """The package with the highest version in its name among those whose name matches a regular expression."""
        self._prepare()
        names = self._run("apt-cache", "pkgnames").split()
        matching = [name for name in names if re.fullmatch(pattern, name)]
        numbers = lambda name: [int(n) for n in re.findall(r"\d+", name.rpartition("-")[0])]
        for name in sorted(matching, key=numbers, reverse=True):
            # apt knows names that are only mentioned by others.
            if self.field(name, "Filename"):
                return name
        raise Unavailable(f"{self.name} has no package like {pattern}")

    def field(self, package: str, field: str) -> str:
        """One field of a package's record, empty where it has none."""
        self._prepare()
        try:
            record = self._run("apt-cache", "show", "--no-all-versions", package)
        except Unavailable:
            return ""
        return next((line.split(":", 1)[1].strip() for line in record.splitlines() if line.startswith(field + ":")), "")

    def closure(self, package: str) -> list[str]:
        """A package and everything it depends on, by name."""
        self._prepare()
        listing = self._run("apt-get", "install", "--simulate", "--no-install-recommends", package)
        return [line.split()[1] for line in listing.splitlines() if line.startswith("Inst ")]

    def unpack(self, packages: list[str], root: Path) -> Path:
        """Downloads packages and unpacks them into a fresh folder."""
        self._prepare()
        downloads = root.with_name(root.name + ".deb")
        for folder in [root, downloads]:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self._run("apt-get", "download", *packages, cwd=downloads)
        for deb in sorted(downloads.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        shutil.rmtree(downloads)
        return root

    def _prepare(self) -> None:
        if self._ready:
            return
        for folder in ["lists/partial", "archives/partial"]:
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "status").touch()
        (self.home / "sources.list").write_text(self._sources())
        (self.home / "apt.conf").write_text(self._configuration())
        stamp = self.home / "updated"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > DAY:
            try:
                self._run("apt-get", "update", "--error-on=any")
                stamp.touch()
            except Unavailable:
                # An unreachable mirror is no reason to give up lists that are there.
                if not stamp.exists():
                    raise
        self._ready = True

    def _sources(self) -> str:
        at, trust = mirror.configured(), f"[signed-by={mirror.KEYRING}]"
        lines = [f"deb {trust} {at.main} {self.name} main"]
        if self.name != "sid":
            lines.append(f"deb {trust} {at.security} {self.name}-security main")
        return "\n".join(lines) + "\n"

    def _configuration(self) -> str:
        return "\n".join([
            f'APT::Architecture "{self.architecture}";',
            f'APT::Architectures {{ "{self.architecture}"; }};',
            'APT::Sandbox::User "root";',
            'Acquire::Languages "none";',
            # A suite past its support is still signed, but its lists are past their date.
            'Acquire::Check-Valid-Until "false";',
            f'Dir::State "{self.home}";',
            f'Dir::State::status "{self.home}/status";',
            f'Dir::Cache "{self.home}";',
            f'Dir::Etc::sourcelist "{self.home}/sources.list";',
            'Dir::Etc::sourceparts "/dev/null";',
        ]) + "\n"

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        environment = {"APT_CONFIG": str(self.home / "apt.conf"), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            reason = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise Unavailable(f"{self.name}: {' '.join(command[:2])}: {reason[-1] if reason else 'failed'}")
        return done.stdout
