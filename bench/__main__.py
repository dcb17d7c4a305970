"""The `risk bench` command: prints each section and writes the performance page."""

import sys
from pathlib import Path

from features.bad_input import BadInput


def show_bench(section: str, out: Path) -> None:
    """Print each section as it is measured; all of them make docs/explanation/performance.md again."""
    from bench.report import PERFORMANCE_PAGE, format_page, format_section
    from bench.sections import measure_sections

    results = []
    for result in measure_sections(section, out):
        results.append(result)
        print(format_section(result), flush=True)
    if section == "all":
        PERFORMANCE_PAGE.write_text(format_page(results), encoding="utf-8")
        print(f"\nWrote {PERFORMANCE_PAGE}")


if __name__ == "__main__":
    try:
        show_bench(sys.argv[1], Path(sys.argv[2]))
    except BadInput as error:
        sys.exit(f"risk: {error}")
