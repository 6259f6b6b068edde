"""All that the doctor looks at, in order."""

from __future__ import annotations

from hich.doctor import installed, machine, self_test
from hich.doctor.diagnosis import Diagnosis, attempted
from hich.doctor.versions import DISTRIBUTION, installed_version, model_in_the_box


def diagnose(device: str = "cpu") -> list[Diagnosis]:
    """Return what was found; nothing that fails keeps the rest from being looked at.

    Parameters
    ----------
    device
        What the self-test computes on.
    """
    looks = {
        "program": _program,
        "model in the box": lambda: Diagnosis("model in the box", model_in_the_box(), True),
        "Python": installed.python,
        "packages": installed.packages,
        "extras": installed.extras,
        "components": installed.components,
        "devices": machine.device,
        "precision": machine.precision,
        "cores": machine.processor,
        "memory": machine.memory,
        "disk": machine.disk,
        "scan": lambda: self_test.read_scan_of_known_truth(device),
        "record": self_test.read_record_of_known_truth,
    }
    return [attempted(name, look) for name, look in looks.items()]


def _program() -> Diagnosis:
    return Diagnosis("program", f"{DISTRIBUTION} {installed_version(DISTRIBUTION) or 'unknown'}")
