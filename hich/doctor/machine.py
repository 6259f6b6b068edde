"""What the machine has: devices, precision, cores, memory, disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from cohort.base.processes import cores
from hich.doctor.diagnosis import Diagnosis

GB = 1e9
LEAST_MEMORY_GB, LEAST_DISK_GB = 1.5, 1.0
"""Less free is too little for a scan of usual size, or for its results: our choice."""
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def device() -> Diagnosis:
    """Return what torch can compute on, and whether spaCy can use a GPU."""
    import torch
    from thinc.compat import has_cupy

    found = ["CPU"]
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(number)
            name = torch.cuda.get_device_name(number)
            found.append(f"cuda:{number} {name} ({free / GB:.1f} of {total / GB:.1f} GB free)")
        found.append("spaCy on the GPU" if has_cupy else "spaCy on the CPU alone (CuPy is missing)")
    elif torch.backends.mps.is_available():
        found.append("mps")
    else:
        found.append(f"no GPU (torch is built {_built_for()})")
    return Diagnosis("devices", ", ".join(found))


def _built_for() -> str:
    import torch

    return f"for CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"


def precision() -> Diagnosis:
    """Return what networks compute with here."""
    from imaging.model.precision import cpu_has_bfloat16

    on_cpu = "bfloat16 on the CPU" if cpu_has_bfloat16() else "float32 on the CPU"
    return Diagnosis("precision", on_cpu)


def processor() -> Diagnosis:
    """Return how many cores may be used, and how many threads torch takes."""
    import torch

    return Diagnosis("cores", f"{cores()}, torch computes with {torch.get_num_threads()}")


def memory() -> Diagnosis:
    """Return how much memory is free."""
    free = free_memory()
    if free is None:
        return Diagnosis("memory", "cannot be told on this system")
    told = f"{free / GB:.1f} GB free"
    if free < LEAST_MEMORY_GB * GB:
        remedy = f"a usual scan takes {LEAST_MEMORY_GB:g} GB; end other programs"
        return Diagnosis("memory", told, False, remedy)
    return Diagnosis("memory", told, True)


def free_memory(meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> int | None:
    """Return how many bytes of memory are to be had; None where the system doesn't tell.

    In a container, its own limit counts as well.
    """
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return None
    try:
        limit = int((cgroup / "memory.max").read_text())  # "max" where there is none
        free = min(free, max(0, limit - int((cgroup / "memory.current").read_text())))
    except (OSError, ValueError):
        pass
    return free


def disk() -> Diagnosis:
    """Return how much room there is in the working folder, and for temporary files."""
    here, temporary = (shutil.disk_usage(at).free for at in (os.getcwd(), tempfile.gettempdir()))
    told = f"{here / GB:.1f} GB free in this folder, {temporary / GB:.1f} GB for temporary files"
    if min(here, temporary) < LEAST_DISK_GB * GB:
        return Diagnosis("disk", told, False, "make room")
    return Diagnosis("disk", told, True)
