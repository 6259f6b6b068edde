"""Units of time, as records write them, in hours."""

from __future__ import annotations

HOURS = {
    "分": 1 / 60, "分钟": 1 / 60, "min": 1 / 60, "小时": 1, "时": 1, "钟头": 1, "h": 1,
    "天": 24, "日": 24, "d": 24, "hours": 1, "hour": 1, "hrs": 1, "hr": 1, "mins": 1 / 60,
    "minutes": 1 / 60, "minute": 1 / 60, "days": 24, "day": 24,
    "周": 168, "星期": 168, "月": 720, "年": 8760,
}  # fmt: skip
"""Hours of a unit of time; a month is 30 days, a year 365."""

SHORT = r"(?:小时|钟头|h(?![a-z])|天|日|分钟|min(?![a-z]))"
"""The units in which one tells how long ago it was in an acute illness."""
