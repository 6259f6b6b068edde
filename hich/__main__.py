"""`python -m hich`, and the console script `hich`."""

from hich.shell.main import run_hich

if __name__ == "__main__":
    run_hich()
