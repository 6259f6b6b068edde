# `make run`: the whole job on the generated cohort.  `make test`: every check of the project.
# `make docs`: the pages of docs/ as a site, in site/.
# `make bundle`: a folder from which the program installs without internet, on a system as this one and on Windows.
# Each makes the virtual environment .venv and installs what it needs; nothing else is touched.
#
#   make run ARGS="--vars.cohort assets/mine"          your own data
#   make run WORKFLOW=text                              another workflow of project.yml
#   make run PIP_ARGS="--find-links wheels"             anything pip should be told

VENV     ?= .venv
WORKFLOW ?= all
ARGS     ?=
PIP_ARGS ?=
PYTHON   ?= $(shell for python in python3.13 python3.12 python3.14 python3.11 python3.10 python3 python; do \
	"$$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))' \
	2>/dev/null && echo "$$python" && break; done)

BIN := $(VENV)/bin

.PHONY: run test docs bundle clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/python -m hich.project $(WORKFLOW) $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict $(ARGS)

# Where wheels come from is pip's configuration (or PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL …) to say.
bundle: $(BIN)/python
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) packaging
	$(BIN)/python install/bundle.py $(ARGS)

clean:
	rm -rf $(VENV) site .fingerprints corpus training metrics predictions packages reports assets/synthetic project.lock

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.10 to 3.14 found; name one: make run PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install $(PIP_ARGS) -e .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install $(PIP_ARGS) -e ".[test,dicom,transformer]"
	touch $@

$(VENV)/.installed-docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install $(PIP_ARGS) -e ".[docs]"
	touch $@
