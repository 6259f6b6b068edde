"""The words of the report."""

from __future__ import annotations

from report.messages import Message


def say(message: Message, lang: str) -> str:
    """Return a message in words."""
    values = ", ".join(f"{name} {value}" for name, value in message.values.items())
    return f"{message.key}{f' ({values})' if values else ''}"
