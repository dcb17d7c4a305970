"""A calibration as plain lists, as a model's record keeps it."""

from typing import Any

import numpy as np

from models.calibration import Calibration, Curve

CURVES = ("overall", "clear", "ongoing")


def written(calibration: Calibration) -> dict[str, Any]:
    """A calibration as plain lists."""
    curves = {name: getattr(calibration, name) for name in CURVES}
    return {"kept": list(calibration.kept)} | {
        name: {"point": curve.point.tolist(), "sampled": curve.sampled.tolist()} if curve else None
        for name, curve in curves.items()
    }


def read(kept: dict[str, Any]) -> Calibration:
    """The calibration that was written; KeyError or TypeError where it is none."""

    def curve(name: str) -> Curve | None:
        fitted = kept[name]
        return Curve(np.array(fitted["point"]), np.array(fitted["sampled"])) if fitted else None

    overall = curve("overall")
    if overall is None:
        raise KeyError("overall")
    return Calibration(tuple(kept["kept"]), overall, curve("clear"), curve("ongoing"))
