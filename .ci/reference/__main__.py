"""Write the reference pages from the code and the rulebook, or with --check say which are not current."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# Help is wrapped to the terminal otherwise.
os.environ["COLUMNS"] = "200"

from code_page import write_codes  # noqa: E402
from command_page import write_commands  # noqa: E402
from field_page import write_policy_fields, write_rule_fields, write_transfer_fields  # noqa: E402
from output_page import write_measures, write_other_outputs, write_outputs  # noqa: E402

FOLDER = ROOT / "docs" / "reference"
PAGES = {
    "commands.md": write_commands,
    "outputs.md": write_outputs,
    "other_outputs.md": write_other_outputs,
    "measures.md": write_measures,
    "rulebook_fields.md": write_rule_fields,
    "transfer_fields.md": write_transfer_fields,
    "policy_fields.md": write_policy_fields,
    "codes.md": write_codes,
}


def list_stale(pages: dict[str, str], folder: Path = FOLDER) -> list[str]:
    """The pages whose file is not what would be written now."""
    return [
        name
        for name, text in pages.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the stale pages; with --check write nothing and end with 1 where there is one."""
    pages = {name: write() for name, write in PAGES.items()}
    stale = list_stale(pages)
    if "--check" in sys.argv[1:]:
        if stale:
            named = ", ".join(f"docs/reference/{name}" for name in stale)
            sys.exit(f"not current: {named}; run `make docs` and commit what it writes")
        return
    for name in stale:
        (FOLDER / name).write_text(pages[name], encoding="utf-8", newline="\n")
        print(f"Written  docs/reference/{name}")


if __name__ == "__main__":
    main()
