# `make korea` runs the bundled study from nothing; `make test` sets up and passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: korea test check bench setup clean

setup: $(VENV)/.ready

# wheels only: nothing is compiled; versions are pinned in requirements.lock
$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'landbridge needs Python 3.11 or newer'"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --only-binary=:all: -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

korea: setup
	$(BIN)/landbridge run korea --out runs/korea

test: setup
	$(BIN)/python -m pytest

# what continuous integration runs besides the tests
check: setup
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(MAKE) -C bench

clean:
	rm -rf $(VENV) runs build dist
