"""Check every pin against the advisory database: a known vulnerability fails, an unreachable database only prints."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Has had advisories since 2014: a database without them was not reached.
KNOWN_VULNERABLE_PIN = "jinja2==2.4.1"
TIMEOUT_SECONDS = 300


def audit_pins(pins: Path) -> list[dict[str, Any]]:
    """The database's entry for each pin of a file: name, version, vulns; an empty list if it does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    command += ["--timeout", "5", "--format", "json", "--requirement", str(pins)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return dependencies


def check_database_answers() -> bool:
    """Whether the database reports a vulnerability that certainly exists."""
    with TemporaryDirectory() as folder:
        pins = Path(folder) / "known.txt"
        pins.write_text(f"{KNOWN_VULNERABLE_PIN}\n", encoding="utf-8")
        return any(pin.get("vulns") for pin in audit_pins(pins))


def list_vulnerabilities(audited: list[dict[str, Any]]) -> list[str]:
    """A line for each vulnerability."""
    return [
        f"{pin['name']} {pin['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no release yet'}"
        for pin in audited
        for flaw in pin.get("vulns", ())
    ]


def main(pins: Path) -> int:
    """Print the audit; return 1 if a pin has a known vulnerability."""
    audited = audit_pins(pins) if check_database_answers() else []
    if not audited:
        print("pip-audit: cannot reach the advisory database; dependencies were not audited")
        return 0
    lines = list_vulnerabilities(audited)
    skipped = sum("skip_reason" in pin for pin in audited)
    print("\n".join([*lines, f"pip-audit: {len(audited) - skipped} pins audited, {len(lines)} known vulnerabilities"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
