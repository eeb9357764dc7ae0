# Everything here needs Python 3.11 or newer and make; nothing else has to be installed first.
# The environment .venv is built from the hashed lock when it is missing or older than the lock.

PYTHON ?= python3
ADDRESS ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
JOBS ?= auto
export ADDRESS PORT

PY := .venv/bin/python
MANAGE := $(PY) manage.py
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := .var/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: help run dev test lint format verify admin lock clean base

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: .venv/made ## serve the site: environment, base, fixtures, server (PORT=8000)
	@$(PY) -m kb.serving
	@$(MAKE) --no-print-directory base
	@$(MANAGE) load_kb --if-empty
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@DEBUG=0 exec $(PY) -m gunicorn -c python:kb.serving

dev: .venv/made ## serve it with debug pages, reloading as files change
	@$(PY) -m kb.serving
	@$(MAKE) --no-print-directory base
	@$(MANAGE) load_kb --if-empty
	@DEBUG=1 exec $(MANAGE) runserver $(ADDRESS):$(PORT)

# A file's tests run together, the files in their order: the browser's come last in each process.
test: .venv/made-tests ## run all tests (ARGS="-k words" for some; JOBS=0 in one process)
	@ENV_FILE=/dev/null $(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/made-tests ## check style, types, and that no migration is missing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run

format: .venv/made-tests ## put the code into its style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

verify: base ## prove the invariants over the base, with no sentence left open
	@$(MANAGE) verify --complete

admin: base ## make a user who may edit
	@$(MANAGE) createsuperuser

lock: ## write both lock files anew (ARGS=--upgrade for newer versions)
	@test -x .var/uv/bin/uv || { $(PYTHON) -m venv --clear .var/uv && .var/uv/bin/python -m pip install --quiet uv; }
	@$(LOCK) $(ARGS) pyproject.toml -o requirements.txt
	@$(LOCK) $(ARGS) --extra dev -c requirements.txt pyproject.toml -o tests/requirements.txt

clean: ## remove what was built; the base stays
	@rm -rf .venv .var .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

base: .venv/made
	@$(MANAGE) migrate --noinput --verbosity 0

# The stamps are written last: an interrupted build leaves none and is begun again.
.venv/made: requirements.txt .venv/bin/python
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Python 3.11 or newer is needed; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.11 …" % v[:2])'
	@echo "Building .venv from requirements.txt"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) -r requirements.txt
	@touch $@

.venv/made-tests: tests/requirements.txt .venv/made
	@echo "Adding tests/requirements.txt to .venv"
	@$(PIP) -r tests/requirements.txt
	@touch $@

# Without recipe: if the interpreter has gone, the environment is built anew.
.venv/bin/python: ;
