"""Programs out of any Debian suite, each with its loader and libraries in one folder of the cache."""

import shutil
from pathlib import Path

import elf
from packages import CACHE, FILLING, Suite, Unavailable

# What a package depends on but its program does not load.
BALLAST = ("-stdlib", "-modules", "-common", "-minimal", "-provider-legacy")


def bundle(suite: Suite, package: str, program: str) -> Path:
    """A folder named like the program: `program`, `loader`, `lib/`."""
    home = CACHE / "bundles" / f"{suite.name}-{suite.architecture}" / program
    with FILLING:
        if home.exists():
            return home
        names = suite.closure(package)
        wanted = [name for name in names if name.startswith(("lib", "zlib", package)) and not name.endswith(BALLAST)]
        root = suite.unpack(wanted, home.with_name(f"{program}.unpacked"))
        for folder in ["lib", "lib64"]:
            # Newer packages count on the links that a merged /usr has.
            if not (root / folder).exists():
                (root / folder).symlink_to(f"usr/{folder}")
        gathered = home.with_name(f"{program}.gathered")
        shutil.rmtree(gathered, ignore_errors=True)
        _gather(_program(root, program), root, gathered)
        # Under its own name only once it is whole.
        (gathered / "program").rename(gathered / program)
        gathered.rename(home)
        shutil.rmtree(root)
    return home


def _program(root: Path, name: str) -> Path:
    """The program itself where its plain name is a script that chooses among versions."""
    for candidate in sorted([*(root / "usr/bin").glob(f"{name}*"), *(root / "bin").glob(f"{name}*")]):
        if candidate.is_file() and candidate.read_bytes()[:4] == b"\x7fELF":
            return candidate
    raise Unavailable(f"no program {name} under {root}")


def _gather(program: Path, root: Path, home: Path) -> None:
    (home / "lib").mkdir(parents=True)
    shutil.copy(program, home / "program")
    if loader := elf.Object(program).loader:
        shutil.copy(elf.inside(root, loader), home / "loader")
    for name, file in elf.libraries(program, root).items():
        shutil.copy(file, home / "lib" / name)
