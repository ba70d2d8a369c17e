# make run · make test · make check · make lock: each installs what it needs, in .venv, and only when the pins changed.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# Empty files whose dates say which pins are installed: what runs, and what tests and checks need beside it.
RUN_STAMP := $(VENV)/.pins
DEV_STAMP := $(VENV)/.pins-dev
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
# Any Python from 3.11 on will do; the first that really starts is taken. PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

# Processes that share the tests (JOBS=0: all in one).
JOBS ?= 2

# What a machine has of its own (wheel folders, further indexes) must not leak into the lock files.
COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header

.PHONY: help install run test check format lock clean

help:
	@echo "make run      start Master Portal and its sandbox (PORT=8000 SANDBOX_PORT=8001)"
	@echo "make test     run the tests (ARGS='-k users' to choose some)"
	@echo "make check    ruff, mypy, import contracts, template format, deployment check, migrations"
	@echo "make format   let ruff and djade rewrite what they can"
	@echo "make lock     compile requirements.txt and requirements-dev.txt anew from pyproject.toml"

install: $(DEV_STAMP)

$(RUN_STAMP): requirements.txt
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed and was not found. Nothing was installed." >&2; exit 1; fi
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) …"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@echo "Installing the tools for tests and checks into $(VENV) …"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

run: $(RUN_STAMP)
	@exec $(BIN)/python manage.py up

test: $(DEV_STAMP)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --no-loadscope-reorder $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files -z -- '*.html' | xargs -0 --no-run-if-empty $(BIN)/djade --check --target-version 5.2
	$(BIN)/python manage.py makemigrations --check --dry-run
	env $$(grep -v '^#' production.env.example | xargs) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z -- '*.html' | xargs -0 --no-run-if-empty $(BIN)/djade --target-version 5.2

lock: $(DEV_STAMP)
	@$(COMPILE) --output-file requirements.txt pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	@grep -c -- '==' requirements.txt requirements-dev.txt

clean:
	rm -rf $(VENV) var staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
