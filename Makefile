# Everything a person does with the product. `make` alone prints this help.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
RUN_STAMP := $(VENV)/.installed-$(shell cat requirements.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.installed-dev-$(shell cat requirements-dev.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

# Tests start the program some hundred times: compiling it each time costs more than the files in __pycache__.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench migration openapi demo fuzz kills canaries timing seats policy requirements clean

help: ## Print this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(RUN_STAMP) ## Start server and worker on http://127.0.0.1:8000 with an embedded database under var/
	@exec $(BIN)/suite serve --migrate --port $(PORT)

test: $(DEV_STAMP) ## Run every test, on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

check: $(DEV_STAMP) ## Format, lint, types, imports, coverage of the policy, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.policy
	@$(BIN)/python -m tests.sizes
	@$(MAKE) --no-print-directory test

fix: $(DEV_STAMP) ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP) ## Measure side by side and print ratios (some minutes)
	@$(BIN)/python -m benchmarks $(ARGS)

migration: $(DEV_STAMP) ## Write the next migration: make migration NAME=what_changes
	@test -n "$(NAME)" || { echo "Say what changes: make migration NAME=what_changes"; exit 2; }
	@$(BIN)/suite db upgrade && $(BIN)/suite db migration "$(NAME)"

openapi: $(RUN_STAMP) ## Write openapi.json and docs/configuration.md from the code
	@$(BIN)/suite openapi > openapi.json
	@$(BIN)/suite configuration > docs/configuration.md

demo: $(RUN_STAMP) ## Fill the embedded database with the data of a living system
	@$(BIN)/suite db upgrade && $(BIN)/suite demo $(ARGS)

fuzz: $(DEV_STAMP) ## Throw generated requests at every route: make fuzz MINUTES=10
	@$(BIN)/python -m tests.fuzz_long $(or $(MINUTES),10)

kills: $(DEV_STAMP) ## Kill the server, sweeps and reminders hundreds of times and look for anything lost: make kills CYCLES=500
	@$(BIN)/python -m tests.failures.kill_driver --cycles $(or $(CYCLES),500)
	@$(BIN)/python -m tests.failures.sweep_driver --kills $(or $(CYCLES),500)
	@$(BIN)/python -m tests.failures.reminder_driver --kills $(or $(CYCLES),500)

canaries: $(DEV_STAMP) ## Compare copies of random lives with every store, erase them and look for a byte: make canaries HISTORIES=10000 SEED=0
	@CANARIES=1000 $(BIN)/python -m pytest -q tests/exports/test_canary_access.py -k every_datum
	@$(BIN)/python -m tests.canaries_long $(or $(HISTORIES),10000) $(or $(SEED),0)

timing: $(DEV_STAMP) ## Measure whether answers tell which addresses are known: make timing SAMPLES=2000
	@$(BIN)/python -m tests.timing $(or $(SAMPLES),2000)

seats: $(DEV_STAMP) ## Connect and release devices of a licence at random, many at once, and count: make seats OPERATIONS=10000
	@SEATS=$(or $(OPERATIONS),10000) $(BIN)/python -m pytest -q tests/failures/test_parallel_seats.py

policy: $(DEV_STAMP) ## Print which statements of the policy are proven by a test
	@$(BIN)/python -m tests.policy --list

requirements: $(DEV_STAMP) ## Compile the hashed requirements from pyproject.toml (needs uv)
	uv pip compile -q --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group build pyproject.toml -o requirements.txt
	uv pip compile -q --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -c requirements.txt --group build --group dev pyproject.toml -o requirements-dev.txt
	uv pip compile -q --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group postgres -o requirements-postgres.txt

clean: ## Remove the environment and caches; var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11 or newer, or call make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed. Call make PYTHON=/path/to/python3.11."; exit 1; }
	@touch .write-check 2>/dev/null && rm -f .write-check || { echo "This folder cannot be written: the environment and the database are kept in it."; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --version >/dev/null 2>&1; } || { rm -rf $(VENV); echo "Python has no venv module here: install it (Debian and Ubuntu: apt install python3-venv) and call make again."; exit 1; }

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing dependencies into $(VENV) (once) ..."
	@$(call install,requirements.txt)
	@rm -f $(VENV)/.installed-[0-9]*; touch $@

$(DEV_STAMP): | $(BIN)/python
	@echo "Installing dependencies for development into $(VENV) (once) ..."
	@$(call install,requirements-dev.txt)
	@rm -f $(VENV)/.installed-*; touch $@ $(RUN_STAMP)

# With pip inside the environment, or with the system's pip where the environment could not have one.
PIP = $$([ -x $(BIN)/pip ] && echo "$(BIN)/python -m pip" || echo "$(PYTHON) -m pip --python $(BIN)/python")
define install
PIP_DISABLE_PIP_VERSION_CHECK=1 $(PIP) install --quiet --require-hashes -r $(1) \
&& PIP_DISABLE_PIP_VERSION_CHECK=1 $(PIP) install --quiet --no-deps --no-build-isolation --no-index -e . \
|| { echo "The dependencies could not be installed. They are fetched once; is there a network, and room on the disk?"; exit 1; }
endef
