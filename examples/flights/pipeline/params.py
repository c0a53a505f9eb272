"""The parameters of the pipeline, read from `params.yaml` in the working folder."""

from pathlib import Path
from typing import Any

import yaml


def load(stage: str) -> dict[str, Any]:
    """Return the parameters of `stage`; raises KeyError if the file has no such section."""
    document: dict[str, dict[str, Any]] = yaml.safe_load(Path("params.yaml").read_text())
    return document[stage]
