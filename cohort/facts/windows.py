"""CT windows by name, as readers set them."""

from __future__ import annotations

from typing import NamedTuple


class Window(NamedTuple):
    """A CT window: what is shown from black to white.

    Attributes
    ----------
    width, level
        Its width and its middle, in HU.
    key
        The letter that shows it in the report's viewer, where M and R show masks.
    name_en, name_zh
        For people.
    """

    width: int
    level: int
    key: str
    name_en: str
    name_zh: str

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the HU that are black and white.

        Examples
        --------
        >>> WINDOWS["brain"].bounds
        (0.0, 80.0)
        """
        return self.level - self.width / 2, self.level + self.width / 2


WINDOWS = {
    "brain": Window(80, 40, "B", "Brain", "脑窗"),
    "subdural": Window(200, 75, "D", "Subdural", "硬膜下窗"),
    "stroke": Window(40, 40, "S", "Stroke", "卒中窗"),
    "bone": Window(2800, 600, "N", "Bone", "骨窗"),
}
"""Name to window, in the order of the viewer. What a network sees stands in its configuration."""
