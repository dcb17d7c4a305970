"""Write the pinned dependencies as a CycloneDX SBOM (JSON), offline: the same pins give the same bytes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from tomllib import loads
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement

# A fixed time, so that the same pins give the same bytes.
DOCUMENT_TIME = datetime(2025, 1, 1, tzinfo=UTC)


def build_sbom(pins: Path, project: Path) -> str:
    """The SBOM as JSON."""
    own = loads(project.read_text(encoding="utf-8"))["project"]
    text = pins.read_text(encoding="utf-8")
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, text), components=[_build_component(line) for line in _list_pin_lines(text)]
    )
    bom.metadata.timestamp = DOCUMENT_TIME
    root = Component(name=own["name"], version=own["version"], bom_ref=own["name"], type=ComponentType.APPLICATION)
    bom.metadata.component = root
    bom.register_dependency(root, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def _list_pin_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]


def _build_component(line: str) -> Component:
    pin = Requirement(line)
    version = next(iter(pin.specifier)).version
    url = PackageURL("pypi", name=pin.name, version=version)
    return Component(name=pin.name, version=version, purl=url, bom_ref=str(url), type=ComponentType.LIBRARY)


if __name__ == "__main__":
    to = Path(sys.argv[3])
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(build_sbom(Path(sys.argv[1]), Path(sys.argv[2])), encoding="utf-8")
    print(f"SBOM written to {to}")
