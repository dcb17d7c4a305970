"""The files of a rulebook, each read once, so that checks, comparisons and checksums all use the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from features.bad_input import BadInput
from features.files.yaml_with_lines import MarkedYaml, parse_marked, read_small_file
from features.partners import SUPPLIER_CODE, load_partners
from risk.rules.designations import Designation, parse_designations

LISTS, TRANSFERS, PORTFOLIO = "designations", "transfers", "portfolio"
# Files that decisions on partners do not read: transfer tables, portfolio rules, ledger deadlines.
NOT_DECIDING = (f"{TRANSFERS}/", f"{PORTFOLIO}/", "deadlines.yaml")


@dataclass(frozen=True)
class RulebookFiles:
    """The content of every YAML file of a rulebook, by its path within the folder, not yet validated."""

    folder: Path
    contents: Mapping[str, bytes]

    @cached_property
    def lists(self) -> list[Designation]:
        """The lists of countries, sorted by id; BadInput with file and line if one is invalid."""
        files = [self.parse_file(name) for name in self.contents if Path(name).parent == Path(LISTS)]
        return parse_designations(files, {*load_partners()["iso3"], SUPPLIER_CODE})

    @property
    def has_transfers(self) -> bool:
        """Whether the rulebook has transfer tables."""
        return (self.folder / TRANSFERS).is_dir()

    @property
    def has_portfolio(self) -> bool:
        """Whether the rulebook has portfolio rules."""
        return (self.folder / PORTFOLIO).is_dir()

    @property
    def checksum(self) -> str:
        """One SHA-256 over all files."""
        return sha256(b"".join(self.contents.values())).hexdigest()

    @property
    def rules_checksum(self) -> str:
        """One SHA-256 over the files that decisions on partners depend on."""
        kept = [content for name, content in self.contents.items() if not name.startswith(NOT_DECIDING)]
        return sha256(b"".join(kept)).hexdigest()

    def parse_file(self, name: str) -> MarkedYaml:
        """Parse a file with line numbers; BadInput if it is missing or cannot be read."""
        short = Path(name).name
        if name not in self.contents:
            raise BadInput(f"{short}: there is no such file")
        return parse_marked(self.contents[name], short)


def read_rulebook(folder: Path) -> RulebookFiles:
    """Read every file of a rulebook; BadInput names one that is not a file or is too large."""
    paths = sorted({*folder.rglob("*.yaml"), *folder.glob("*/*.yaml")})
    return RulebookFiles(folder, {path.relative_to(folder).as_posix(): read_small_file(path) for path in paths})
