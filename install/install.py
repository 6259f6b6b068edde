"""Install from the folder that this file lies in; install.sh and install.bat call it.

Stands alone, and runs on any Python 3: the first thing that it looks at is Python's version.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = "pyvenv.cfg"  # by which a virtual environment is told


def refused(sentence: str) -> int:
    """Say what is wrong and what to do; return the exit code."""
    print("✘ " + sentence, file=sys.stderr)
    return 1


def main(arguments: list) -> int:
    """Make a virtual environment in a folder, and install into it.

    Parameters
    ----------
    arguments
        The folder to install into; its environment is the folder `env` in it.

    Returns
    -------
    int
        Exit code: 0 if it is installed and works.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    wanted = (HERE / "python-version").read_text(encoding="utf-8").strip()
    running = "{}.{}".format(*sys.version_info)
    wheels = HERE / f"requirements-{platform.system().lower()}.txt"
    if len(arguments) != 1:
        return refused("Name the folder to install into, and nothing else.")
    if running != wanted:
        return refused(f"This bundle is for Python {wanted}, and this is Python {running}.")
    if not wheels.is_file():
        return refused(f"This bundle has nothing for {platform.system()}.")
    env = Path(arguments[0]).expanduser().resolve() / "env"
    if env.exists() and not (env / OURS).is_file():
        return refused(f"{env}: is there, and is no virtual environment; name another folder.")
    print(f"Installing into {env} …", flush=True)
    made = subprocess.run([sys.executable, "-I", "-m", "venv", "--clear", str(env)], check=False)
    if made.returncode:
        return refused("Python could not make a virtual environment (Debian: python3-venv).")
    commands = env / ("Scripts" if os.name == "nt" else "bin")
    python = commands / ("python.exe" if os.name == "nt" else "python")
    # Nothing that pip is told on this machine counts: only these files, by their checksums.
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    settings["PIP_CONFIG_FILE"] = os.devnull
    # -I: nor modules of the folder that this is called in.
    line = [str(python), "-I", "-m", "pip", "install", "--no-index", "--quiet"]
    line += ["--disable-pip-version-check", "--find-links", str(HERE / "wheels")]
    line += ["--require-hashes", "-r", str(wheels)]
    if subprocess.run(line, env=settings, check=False).returncode:
        return refused("pip could not install; the sentences above say why. Is the copy whole?")
    if subprocess.run([str(python), "-I", "-m", "hich", "doctor"], check=False).returncode:
        return refused("It is installed, but something is wrong: see the lines above.")
    print(f"\nInstalled. The command is {commands / 'hich'}")
    print(f"Where it is to be known as hich, put this folder into PATH: {commands}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
