"""What `risk bench` prints, section by section, and the page it writes."""

from pathlib import Path


def show_bench(section: str, out: Path) -> None:
    """Print each section as it is measured; all of them make docs/performance.md anew."""
    from bench.sections import measure
    from bench.written import DOCUMENT, lines, text

    results = []
    for result in measure(section, out):
        results.append(result)
        print(lines(result), flush=True)
    if section == "all":
        DOCUMENT.write_text(text(results), encoding="utf-8")
        print(f"\nWritten to {DOCUMENT}")
