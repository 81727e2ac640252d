"""What an ELF program needs at run time: its loader and the closure of its shared libraries."""

import struct
from pathlib import Path

TRIPLES = {62: "x86_64-linux-gnu", 183: "aarch64-linux-gnu"}
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 1, 5, 15, 29


class Object:
    """One 64-bit little-endian ELF file, read as far as the dynamic linker would."""

    def __init__(self, path: Path):
        self.path, self.data = path, path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is not a 64-bit little-endian ELF file")
        self.triple = TRIPLES[struct.unpack_from("<H", self.data, 18)[0]]
        offset, = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        self._segments = [struct.unpack_from("<IIQQQQ", self.data, offset + i * size) for i in range(count)]

    @property
    def loader(self) -> str | None:
        """The path of the dynamic linker the program names; None where it is static."""
        for kind, _, offset, _, _, size in self._segments:
            if kind == PT_INTERP:
                return self.data[offset : offset + size].rstrip(b"\0").decode()
        return None

    @property
    def needed(self) -> list[str]:
        return [self._string(value) for tag, value in self._dynamic() if tag == DT_NEEDED]

    @property
    def run_path(self) -> list[str]:
        return [folder.replace("$ORIGIN", str(self.path.parent))
                for tag, value in self._dynamic() if tag in (DT_RPATH, DT_RUNPATH)
                for folder in self._string(value).split(":")]

    def _dynamic(self) -> list[tuple[int, int]]:
        for kind, _, offset, _, _, size in self._segments:
            if kind == PT_DYNAMIC:
                return [struct.unpack_from("<QQ", self.data, at) for at in range(offset, offset + size, 16)]
        return []

    def _string(self, offset: int) -> str:
        address = next(value for tag, value in self._dynamic() if tag == DT_STRTAB)
        for kind, _, file_offset, virtual, _, size in self._segments:
            if kind == PT_LOAD and virtual <= address < virtual + size:
                start = file_offset + address - virtual + offset
                return self.data[start : self.data.index(b"\0", start)].decode()
        raise ValueError(f"{self.path}: string table outside the file")


def libraries(program: Path, root: Path = Path("/")) -> dict[str, Path]:
    """Every shared library a program needs, by the name it is asked for, found under root."""
    found: dict[str, Path] = {}
    waiting = [Object(program)]
    while waiting:
        user = waiting.pop()
        for name in user.needed:
            if name not in found:
                found[name] = _find(name, user, root)
                waiting.append(Object(found[name]))
    return found


def inside(root: Path, path: str) -> Path:
    """A path as it would be with root as `/`, absolute symbolic links included."""
    at = root
    parts = Path(path).parts[1:]
    for depth, part in enumerate(parts):
        at = at / part
        if at.is_symlink():
            target = at.readlink()
            rest = Path(*parts[depth + 1 :]) if parts[depth + 1 :] else Path()
            absolute = target if target.is_absolute() else Path("/") / at.parent.relative_to(root) / target
            return inside(root, str(_plain(absolute / rest)))
    return at


def _plain(path: Path) -> Path:
    """A path without `..`."""
    parts: list[str] = []
    for part in path.parts[1:]:
        parts = parts[:-1] if part == ".." else parts + [part]
    return Path("/", *parts)


def _find(name: str, user: Object, root: Path) -> Path:
    folders = [f"/lib/{user.triple}", f"/usr/lib/{user.triple}", "/usr/local/lib", "/lib64", "/usr/lib", "/lib"]
    for folder in user.run_path:
        folders.insert(0, folder.removeprefix(str(root)) if root != Path("/") else folder)
    for folder in folders:
        candidate = inside(root, f"{folder}/{name}")
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"{user.path} needs {name}, which is in none of {', '.join(folders)} under {root}")
