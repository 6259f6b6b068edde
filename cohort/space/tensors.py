"""PyTorch tensors in files: the only place on the ground floor that knows torch."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import numpy as np

from cohort.base.errors import DataError


def read_tensor(path: Path) -> np.ndarray:
    """Read the `.pt` file `path` that holds one tensor.

    A `.pt` file is a pickle, which can run code when it is read; with `weights_only=True`
    torch reads plain data and refuses the rest.

    Raises
    ------
    DataError
        If the file holds anything but one tensor of real numbers, or is damaged.
    """
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickles of other kinds, refused below
            value = torch.load(path, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError:
        raise DataError(
            f"{path}: holds Python objects, which can run code when read, so it was not read; "
            "save the bare tensor with torch.save."
        ) from None
    except OSError:
        raise
    except Exception:  # rubbish makes torch's reader stumble in many ways
        raise DataError(f"{path}: is damaged, or no .pt file.") from None
    if not isinstance(value, torch.Tensor):
        raise DataError(f"{path}: holds a {type(value).__name__}, not a tensor.")
    if value.is_complex() or value.is_quantized or value.layout != torch.strided:
        raise DataError(f"{path}: holds a {value.dtype} tensor; plain numbers are needed.")
    if value.dtype == torch.bfloat16:
        value = value.float()  # numpy has no such type; float32 holds each of its values
    return value.detach().numpy()
