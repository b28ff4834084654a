# make run          the window (or the terminal, where there is no display); PROJECT=file.loom opens one
# make env          the environment in .venv, and the libraries that Qt needs
# make test         all tests; ARGS="-k undo" passes words on to pytest
# make check        format, lint, architecture, types
# make bench        how fast it is, beside the same thing written by hand
# make screenshots  pictures of the real window, on a virtual display, into out/screenshots
# make clean        removes .venv and everything that was made
#
# PYTHON=/path/to/python chooses the Python that .venv is made with.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3 python3.13 python3.12 python3.11 python3.14 python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of processes: each would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run env test check bench screenshots clean
.DEFAULT_GOAL := run

run: env
	@$(BIN)/python -m app $(PROJECT)

env: $(VENV)/.installed $(VENV)/.libraries

test: env $(VENV)/.development $(VENV)/.display
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: env $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: env $(VENV)/.development
	@for file in tests/benchmarks/*.py tests/benchmarks/engine/compare.py tests/benchmarks/data/*.py; do \
	  echo "$$file"; PYTHONPATH=.:tests $(BIN)/python "$$file" || exit 1; \
	done

screenshots: env $(VENV)/.development $(VENV)/.display
	$(BIN)/python tests/screenshots/road.py --out out/screenshots

clean:
	rm -rf $(VENV) build dist out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each step leaves a stamp in .venv, so that what is done is not asked about again.

USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

$(VENV)/.python:
	@find_python() { \
	  for name in $(PYTHON); do \
	    if "$$name" -c '$(USABLE)' 2>/dev/null; then echo "$$name"; return; fi; \
	  done; \
	}; \
	python=$$(find_python); \
	if [ -z "$$python" ] && command -v apt-get >/dev/null; then \
	  as="env DEBIAN_FRONTEND=noninteractive"; \
	  if [ "$$(id -u)" != 0 ]; then as="sudo -n $$as"; fi; \
	  if $$as true 2>/dev/null; then \
	    echo "Installing python3-venv"; \
	    $$as apt-get update -qq; $$as apt-get install -y -qq python3-venv >/dev/null; \
	    python=$$(find_python); \
	  fi; \
	fi; \
	if [ -z "$$python" ]; then \
	  echo "Layerloom needs Python 3.11 or newer with venv. On Debian and Ubuntu: sudo apt-get install python3-venv; elsewhere: make $(or $(MAKECMDGOALS),run) PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	"$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.python
	@echo "Installing Layerloom into $(VENV); once, and torch is large"
	@$(BIN)/python -m pip install --quiet "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.libraries: app/cli/libraries.py | $(VENV)/.python
	@$(BIN)/python -m app.cli.libraries
	@touch $@

$(VENV)/.development: pyproject.toml | $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.display: app/cli/libraries.py | $(VENV)/.python
	@$(BIN)/python -m app.cli.libraries --tests
	@touch $@
