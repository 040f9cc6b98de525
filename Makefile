# Every target sets up what it needs; the second time that costs nothing.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# What `make check` takes as changed: all lines since this commit, the uncommitted ones too.
BASE ?= HEAD
STAMP := $(VENV)/.installed

.PHONY: run test check format bench accuracy lock
run: $(STAMP)
	@echo "Starting the demo (data in var/; Ctrl-C stops it)."
	@$(BIN)/intake serve --demo

test: $(STAMP)
	@.ci/system-packages
	@echo "Running the tests (real SMTP, real PostgreSQL on loopback)."
	@$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	@.ci/system-packages
	$(BIN)/coverage erase
	$(BIN)/python -m pytest --cov --cov-report=xml
	$(BIN)/diff-cover coverage.xml --compare-branch=$(BASE) --fail-under=90

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python -m benchmarks.end_to_end

accuracy: $(STAMP)
	@$(BIN)/python -m benchmarks.accuracy

lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --strip-extras --allow-unsafe -o requirements.lock requirements.in

$(STAMP): requirements.lock pyproject.toml
	@echo "Setting up the Python environment in $(VENV) (once, some minutes)."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(STAMP)
