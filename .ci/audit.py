"""Ask the advisory database about every pin: a known vulnerability fails, an unreachable database is only told."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Has had advisories since 2014: a database that knows none of them has not been asked at all.
KNOWN_VULNERABLE_PIN = "jinja2==2.4.1"
TIMEOUT_SECONDS = 300


def audit_pins(pins: Path) -> list[dict[str, Any]]:
    """What the database says of each pin of a file: name, version, vulns; none where it gives no answer."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    command += ["--timeout", "5", "--format", "json", "--requirement", str(pins)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return found


def check_database_answers() -> bool:
    """Whether the database tells of a vulnerability that is known for certain."""
    with TemporaryDirectory() as folder:
        pins = Path(folder) / "known.txt"
        pins.write_text(f"{KNOWN_VULNERABLE_PIN}\n", encoding="utf-8")
        return any(one.get("vulns") for one in audit_pins(pins))


def list_vulnerabilities(found: list[dict[str, Any]]) -> list[str]:
    """A line for each vulnerability."""
    return [
        f"{one['name']} {one['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no release yet'}"
        for one in found
        for each in one.get("vulns", ())
    ]


def main(pins: Path) -> int:
    """1 where a pin has a known vulnerability."""
    found = audit_pins(pins) if check_database_answers() else []
    if not found:
        print("pip-audit: the advisory database cannot be reached from here; dependencies were not audited")
        return 0
    lines = list_vulnerabilities(found)
    skipped = sum("skip_reason" in one for one in found)
    print("\n".join([*lines, f"pip-audit: {len(found) - skipped} pins audited, {len(lines)} known vulnerabilities"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
