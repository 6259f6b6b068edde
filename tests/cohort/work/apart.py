"""A network of a command's own, by which is seen whether it calls other machines."""

from __future__ import annotations

import shutil
import subprocess

import pytest

APART = """
set -e
ip link add out type veth peer name far
for one in out far; do echo 1 > /proc/sys/net/ipv6/conf/$one/disable_ipv6; done
ip link set lo up; ip link set far up
ip addr add 192.0.2.1/24 dev out; ip link set out up; ip route add default dev out
set +e
"$@"; code=$?
awk '/ out:/ {print "packets sent:", $11}' /proc/net/dev
exit $code
"""
"""Runs a command in a network of its own; then says how many packets would have left it."""


def words_apart() -> list[str]:
    """Return words before a command that run it so; skips where that can't be."""
    link = ["unshare", "--net", "ip", "link", "add", "out", "type", "veth", "peer", "name", "far"]
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no programs `unshare` and `ip` here")
    if subprocess.run(link, capture_output=True).returncode:
        pytest.skip("only root can make a network of a command's own")
    return ["unshare", "--net", "sh", "-c", APART, "sh"]
