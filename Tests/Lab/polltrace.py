"""The tool under test, as its users call it."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rows import Failed


@dataclass(frozen=True)
class Answer:
    """What one command gave back."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> dict:
        return json.loads(self.output)


@dataclass(frozen=True)
class Polltrace:
    binary: Path

    def run(self, *arguments: str | Path) -> Answer:
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=300)
        return Answer(done.returncode, done.stdout, done.stderr)

    def has(self, command: str) -> bool:
        """Whether there is such a command."""
        return re.search(rf"^  {command} ", self.run("--help").output, re.MULTILINE) is not None

    def report(self, *arguments: str | Path, codes: tuple[int, ...] = (0,)) -> dict:
        return self._json("report", *arguments, codes=codes)

    def replay(self, *arguments: str | Path) -> dict:
        return self._json("replay", *arguments, codes=(0, 2))

    def recommend(self, *arguments: str | Path) -> dict:
        return self._json("recommend", *arguments, codes=(0, 2))

    def _json(self, command: str, *arguments: str | Path, codes: tuple[int, ...]) -> dict:
        answer = self.run(command, *arguments, "--format", "json")
        if answer.code not in codes:
            said = answer.errors.strip().splitlines()
            raise Failed(f"polltrace {command} ended with {answer.code}: {said[0] if said else 'nothing said'}")
        return answer.json
