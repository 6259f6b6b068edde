"""What must hold where Ray is started or joined, and what to do where it doesn't."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from cohort.base.errors import DataError, UsageError, reason

LOCAL, AUTO = "local", "auto"
_ANSWERS = 10.0
"""How long to wait for a cluster, in seconds."""
_NOBODY = "http://127.0.0.1:9"
"""A proxy that isn't there, so that nothing is asked of other machines by HTTP."""
_TOKEN = secrets.token_hex(32)
"""One for all clusters that this process starts: Ray keeps the first that it reads."""


@contextmanager
def ray_environment(is_local: bool) -> Iterator[None]:
    """Set what Ray reads when it is first imported, and what it starts inherits."""
    wanted = {"RAY_USAGE_STATS_ENABLED": "0"}
    usual = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    if is_local:
        # Else a node is never bound to loopback: `ray.init` replaces 127.0.0.1 by another address.
        wanted["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        # Other users of this machine reach loopback, too. Without a token of its own, Ray would
        # leave one in the home folder, which clusters that are started later would then ask for.
        wanted |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _TOKEN}
        # Its head asks clouds' servers, by HTTP, whether it runs there, statistics off or on.
        wanted |= dict.fromkeys(("http_proxy", "HTTP_PROXY"), _NOBODY)
        wanted |= dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
        # Else workers give way to all else that the machine does, which the plain command doesn't.
        usual["RAY_worker_niceness"] = "0"
    before = {name: os.environ.get(name) for name in {**usual, **wanted}}
    os.environ.update({**usual, **os.environ, **wanted})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def own_folder() -> Iterator[Path]:
    """Give a folder that others can't read: Ray keeps there what workers print, ids of cases, say.

    Its path is short: sockets lie in it, whose paths may have some 100 characters, and Ray's own
    names take two thirds of them.
    """
    usual = tempfile.gettempdir()
    short = usual if len(usual) < 25 or not Path("/tmp").is_dir() else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="ray", dir=short))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_ray(address: str) -> None:
    """Make sure, before anything is begun, that there can be workers by `--ray`.

    Parameters
    ----------
    address
        `local`, `auto`, or a cluster's.

    Raises
    ------
    UsageError
        If Ray is not installed, or that is not an address.
    DataError
        If nobody answers there within seconds.
    """
    if find_spec("ray") is None:
        raise UsageError(
            '--ray: Ray is not installed; install it with `pip install "hich-workflow[cluster]"`, '
            "or use --shard, which needs nothing."
        )
    if address in (LOCAL, AUTO):
        return
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdigit()) or "/" in address:
        raise UsageError(
            f"--ray {address}: is {LOCAL}, {AUTO}, or the address of a cluster's head, as in "
            "10.0.0.1:6379, from a machine that is part of it."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS).close()
    except (OSError, OverflowError):
        raise DataError(
            f"--ray {address}: nobody answers there; is the cluster started (`ray start --head`), "
            "and can this machine reach it?"
        ) from None


def why_not(address: str, error: BaseException) -> DataError:
    """Return what to do where Ray can't be started, or joined."""
    said = reason(error) if isinstance(error, Exception) else str(error)
    behind = error.__cause__
    if "InvalidAuthToken" in str(behind) or "Authentication" in said:
        return DataError(
            f"--ray {address}: the cluster asks for a token. Set RAY_AUTH_MODE=token here and on "
            "each node, and let all have the head's token (~/.ray/auth_token, or "
            "RAY_AUTH_TOKEN_PATH names its file)."
        )
    if "ersion mismatch" in said:
        return DataError(
            f"--ray {address}: {said}. Install the same versions of Ray and Python on every node."
        )
    if address == LOCAL:
        return DataError(f"--ray local: Ray could not be started ({said}).")
    return DataError(
        f"--ray {address}: no cluster there that this machine is part of ({said}); start one with "
        "`ray start --head`, or use --ray local."
    )
