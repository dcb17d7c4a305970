"""The files of a rulebook, each read once: what is checked, compared and named by checksum is the same bytes."""

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
# What no decision on a partner reads: tables on single transfers, the portfolio, deadlines of the ledger.
NOT_DECIDING = (f"{TRANSFERS}/", f"{PORTFOLIO}/", "deadlines.yaml")


@dataclass(frozen=True)
class RulebookFiles:
    """The content of every YAML file of a rulebook, by its path within the folder; nothing in it is checked yet."""

    folder: Path
    contents: Mapping[str, bytes]

    @cached_property
    def lists(self) -> list[Designation]:
        """The lists of countries, by id; BadInput with file and line where one does not hold."""
        files = [self.parse_file(name) for name in self.contents if Path(name).parent == Path(LISTS)]
        return parse_designations(files, {*load_partners()["iso3"], SUPPLIER_CODE})

    @property
    def has_transfers(self) -> bool:
        """Whether there are tables on single transfers."""
        return (self.folder / TRANSFERS).is_dir()

    @property
    def has_portfolio(self) -> bool:
        """Whether there are rules on the portfolio."""
        return (self.folder / PORTFOLIO).is_dir()

    @property
    def checksum(self) -> str:
        """One SHA-256 over all files."""
        return sha256(b"".join(self.contents.values())).hexdigest()

    @property
    def rules_checksum(self) -> str:
        """One SHA-256 over the files that decisions on partners follow."""
        kept = [content for name, content in self.contents.items() if not name.startswith(NOT_DECIDING)]
        return sha256(b"".join(kept)).hexdigest()

    def parse_file(self, name: str) -> MarkedYaml:
        """The value of a file with its lines; BadInput where there is no such file or it cannot be read."""
        short = Path(name).name
        if name not in self.contents:
            raise BadInput(f"{short}: there is no such file")
        return parse_marked(self.contents[name], short)


def read_rulebook(folder: Path) -> RulebookFiles:
    """Read every file of a rulebook; BadInput names one that is no file, or too large."""
    paths = sorted({*folder.rglob("*.yaml"), *folder.glob("*/*.yaml")})
    return RulebookFiles(folder, {path.relative_to(folder).as_posix(): read_small_file(path) for path in paths})
