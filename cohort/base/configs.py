"""Where the project's configurations lie: in the checkout, or where the wheel put them."""

from __future__ import annotations

import sysconfig
from pathlib import Path

_PLACES = (
    Path(__file__).resolve().parents[2],
    Path(sysconfig.get_path("data")) / "share" / "hich-workflow",
)


def find_config(path: Path) -> Path:
    """Return the configuration file `path`, also from another working directory.

    A path that is not there, such as `configs/imaging/unet.yaml`, is looked for in the project's
    checkout and where its wheel is installed; one that is nowhere comes back as it is.
    """
    if path.exists() or path.is_absolute():
        return path
    return next((place / path for place in _PLACES if (place / path).is_file()), path)
