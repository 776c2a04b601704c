# Tutela's targets. `make` alone lists them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
NPM    ?= npm

# Where an installation listens and keeps its data; see `kernel/config.py` for the rest.
export PORT OTLP_HTTP_PORT OTLP_GRPC_PORT CHECK_PORT CHECK_API TUTELA_HOME DEMO

APPS   := kernel ui audit inventory telemetry guardrails governance console demo
SOURCES := manage.py kernel ui audit inventory telemetry guardrails governance console demo tests bench sdk

.DEFAULT_GOAL := help
.PHONY: help env dev run test test-sqlite test-postgres check campaign lock messages assets bench fmt clean

help: ## list what can be asked for
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.run ## what running needs: a virtual environment with the locked packages

dev: $(VENV)/.dev ## what building and testing needs on top

run: $(VENV)/.run ## start everything; DEMO=0 for an empty installation, PORT=… OTLP_HTTP_PORT=… OTLP_GRPC_PORT=… CHECK_PORT=… TUTELA_HOME=…
	@$(BIN)/python manage.py up

test: test-sqlite test-postgres ## every test but the campaigns, on SQLite, then those of the database on PostgreSQL

test-sqlite: $(VENV)/.dev
	TUTELA_TEST_BACKEND=sqlite $(BIN)/pytest -n 2 --dist loadgroup -m "not campaign"

test-postgres: $(VENV)/.dev
	TUTELA_TEST_BACKEND=postgres $(BIN)/pytest -n 2 --dist loadgroup -m "database and not browser and not campaign"

check: $(VENV)/.dev ## lint, types, layers, migrations, templates, translations, assets, API description
	@$(BIN)/python -m tests.house.check

campaign: $(VENV)/.dev ## the long tests: faults, large data, a crawl of every page in every theme and language
	$(BIN)/pytest -m campaign

lock: $(VENV)/.dev ## write requirements/*.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml --group demo --group models -o requirements/run.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock

messages: $(VENV)/.dev ## bring the French catalogues up to date with the texts
	$(BIN)/python manage.py messages

assets: ## bundle css, js and icons (needs node and npm)
	$(NPM) ci --no-audit --no-fund --silent
	$(NPM) run --silent build

bench: $(VENV)/.dev ## measure ingest: spans per second, latency, CPU, memory
	$(BIN)/python -m bench.ingest

fmt: $(VENV)/.dev ## format the code
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)

clean: ## remove what was built; keeps the data in var/
	rm -rf $(VENV) build node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# A stamp is as new as the lock it was made from, so that a second start installs nothing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tutela needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say which: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements/run.lock | $(VENV)/bin/python
	@echo "Installing the packages of requirements/run.lock, each checked against its hash; the first time takes a minute or two …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	@$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "tutela-sdk.pth").write_text(str(pathlib.Path("sdk/src").resolve()))'
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@echo "Installing the packages of requirements/dev.lock …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
