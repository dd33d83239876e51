# Start, test and check Phonebank. `make help` lists the targets.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := $(wildcard libs services deploy tests bench)
export UV_HTTP_TIMEOUT ?= 180
# Never empty, for clean-data removes what lies in it.
DATA := $(or $(DATA_DIR),.data)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench verify clean-data requirements chromium

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(INSTALLED) ## start everything here, set up with made-up people; Ctrl-C ends it
	@$(BIN)/python -m deploy.embedded.demo

test: $(INSTALLED) chromium ## every test, on a real Kafka, MongoDB and Chromium
	@$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED) ## linters, types, import contracts, house rules: under a minute
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest tests/contracts -q -m "not real and not browser and not chaos"

bench: $(INSTALLED) ## measure; the published figures are in bench/
	@$(BIN)/python -m bench $(ARGS)

verify: $(INSTALLED) ## replay the running demo's log and compare every view with it
	@$(BIN)/python -m deploy.embedded.verify $(ARGS)

clean-data: ## forget the demo's data (DATA_DIR), its accounts and its secrets
	@if [ -e "$(DATA)/.lock" ] && command -v flock >/dev/null && ! flock -n "$(DATA)/.lock" true; then \
	  echo "Phonebank runs from $(DATA). Stop it first."; exit 1; fi
	@rm -rf -- "$(DATA)/kafka" "$(DATA)/mongodb" "$(DATA)/mail" "$(DATA)/logs" \
	  "$(DATA)/secrets.json" "$(DATA)/accounts.json" "$(DATA)/.lock"

requirements: $(INSTALLED) ## compile requirements*.in anew, with exact pins and hashes (ARGS=--upgrade)
	@for name in requirements requirements-uv requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links --no-annotate $(ARGS) $$name.in -o $$name.txt || exit 1; done

$(INSTALLED): requirements-dev.txt requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Phonebank needs Python 3.11 or newer; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "making $(VENV), once ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt || \
	  echo "uv cannot be had here; pip does it, more slowly"
	@if [ -x $(BIN)/uv ]; then \
	  VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --compile-bytecode -r requirements-dev.txt; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt; fi
	@touch $@

chromium:
	@if [ -n "$(CHROMIUM)" ] || command -v chromium chromium-browser google-chrome >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing Chromium, once ..."; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
	    || { echo "Chromium could not be installed. Install it, or name one: make test CHROMIUM=/path/to/chromium"; exit 1; }; \
	else \
	  echo "The page tests need Chromium. Install it (on Debian: sudo apt-get install chromium), or name one: make test CHROMIUM=/path/to/chromium"; exit 1; fi
