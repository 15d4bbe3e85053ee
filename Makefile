# Everything needed is python3 (3.11 or newer, with venv) and make. Each target installs first what it needs,
# into .venv; nothing outside this folder is changed, but that root gets a system user to run PostgreSQL as.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := install --only-binary :all: --require-hashes

# Options for the program behind the target: make test ARGS="-k quarantine", make run SCALE=100000.
ARGS ?=
SCALE ?=

.PHONY: help install install-bench run up stop test check bench linkage clean lock
.DEFAULT_GOAL := help

help:
	@echo "make run     a day in the demo city: sync, check, integrate, publish (SCALE=residents, default 20000)"
	@echo "make up      the same, live: Airflow on 127.0.0.1:8080; Ctrl-C ends it"
	@echo "make stop    stop the embedded PostgreSQL, which goes on running after make run"
	@echo "make test    run the tests (ARGS=\"-k name\" for some of them)"
	@echo "make check   format, lint, types, import rules"
	@echo "make bench   measure against plain COPY and against dlt"
	@echo "make linkage measure how well records are linked (the corpus is where LUMBUNG_CORPUS says)"
	@echo "make clean   stop, then delete var/ (the embedded PostgreSQL's data too) and .venv"

install:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Lumbung needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv; on Debian and Ubuntu it is in the package python3-venv." >&2; exit 2; }
	@want="$$($(PYTHON) -V) $$(cat requirements.lock pyproject.toml | cksum)"; \
	if [ "$$(cat .venv/installed 2>/dev/null)" != "$$want" ]; then \
	  echo "Installing into .venv (two minutes or so the first time) ..." && \
	  case "$$($(BIN)/python -V 2>/dev/null)" in "$$($(PYTHON) -V)") clear= ;; *) clear=--clear ;; esac && \
	  $(PYTHON) -m venv $$clear .venv && \
	  $(PIP) $(LOCKED) -r requirements.lock && \
	  $(PIP) install --no-deps --no-index --no-build-isolation --config-settings editable_mode=compat --editable . && \
	  echo "$$want" > .venv/installed; \
	fi

install-bench: install
	@want="$$(cat requirements-bench.lock | cksum)"; \
	if [ "$$(cat .venv/installed-bench 2>/dev/null)" != "$$want" ]; then \
	  $(PIP) $(LOCKED) -r requirements-bench.lock && echo "$$want" > .venv/installed-bench; \
	fi

run: install
	@$(BIN)/python -m demo exec $(if $(SCALE),--residents $(SCALE)) -- $(BIN)/lumbung run $(ARGS)

up: install
	@exec $(BIN)/python -m demo exec --same-day -- $(BIN)/lumbung up $(ARGS)

# With nothing installed and no data, there is nothing to stop, and nothing is installed to find that out.
stop:
	@if [ -x $(BIN)/lumbung ] || [ -d "$${LUMBUNG_HOME:-var}/postgres" ]; then \
	  $(MAKE) --no-print-directory install && $(BIN)/python -m demo stop && $(BIN)/lumbung stop $(ARGS); \
	else echo "Nothing is running."; fi

test: install
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

check: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install-bench
	@$(BIN)/python -m benchmarks $(ARGS)

linkage: install
	@$(BIN)/python -m benchmarks.linkage $(ARGS)

clean:
	@if [ -d var/postgres ]; then $(MAKE) --no-print-directory install && \
	  $(BIN)/python -c 'from pathlib import Path; from lumbung import embedded; embedded.remove(Path("var"))'; fi
	@rm -rf var .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@echo "Clean."

# For whoever changes the dependencies in pyproject.toml: resolves them anew, for every platform.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-config \
	--only-binary :all: --python-version 3.11
BY_HAND := Made by make lock, never edited by hand.
lock: install
	@$(PIP) install uv
	@mkdir -p build
	@$(COMPILE) --extra dev pyproject.toml --output-file build/lock
	@{ echo "# Every package at one version, with the sha256 of its files. $(BY_HAND)"; cat build/lock; } > requirements.lock
	@$(COMPILE) --group bench --constraints requirements.lock --output-file build/bench
	@{ echo "# What make bench needs beside requirements.lock. $(BY_HAND)"; cat build/bench; } > requirements-bench.lock
