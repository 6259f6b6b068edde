"""Options of the commands that read patients with a model and a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Folder of a trained model.", show_default="that in the box"),
]
"""None for the one in the box."""
PipelineOption = Annotated[
    str | None,
    typer.Option(
        "--pipeline",
        help="Folder of a trained spaCy pipeline, or name of an installed one.",
        show_default="rules: sections and findings, no entities",
    ),
]
"""None for rules only."""
