# Every target sets up what it needs; the second time that costs nothing.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# What `make check` takes as changed: all lines since this commit, the uncommitted ones too.
BASE ?= HEAD
STAMP := $(VENV)/.installed

.PHONY: run test test-pbx soak check format bench accuracy screenshots lock
run: $(STAMP)
	@echo "Starting the demo (data in var/; Ctrl-C stops it)."
	@$(BIN)/intake serve --demo

test: $(STAMP)
	@.ci/system-packages
	@echo "Running the tests (real SMTP, real PostgreSQL on loopback)."
	@$(BIN)/python -m pytest -n 2 --dist loadfile

soak: $(STAMP)
	@.ci/system-packages
	@echo "Running the long forms of the fault tests (about half an hour)."
	INTAKE_TEST_SOAK=1 $(BIN)/python -m pytest $$(grep -rlE "soak import" tests --include='test_*.py')

test-pbx: $(STAMP)
	@echo "Real SIP calls through Asterisk in a Debian chroot (built once in .pbx/, as root, some minutes)."
	@$(BIN)/python -m tests.pbx.run

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	@.ci/system-packages
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=xml
	$(BIN)/diff-cover coverage.xml --compare-branch=$(BASE) --fail-under=90

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.scale_model
	$(BIN)/python -m benchmarks.backtest
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.api

accuracy: $(STAMP)
	@$(BIN)/python -m benchmarks.accuracy

screenshots: $(STAMP)
	@.ci/system-packages
	@$(BIN)/python -m tests.browser.screenshots

lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe -o requirements.lock requirements.in

$(STAMP): requirements.lock pyproject.toml
	@echo "Setting up the Python environment in $(VENV) (once, some minutes)."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(STAMP)
