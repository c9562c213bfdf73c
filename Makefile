# The front door: make run, make test, make check. Everything happens in a virtual environment of its own.

PYTHON ?= python3
PORT ?= 8080
VENV = .venv
READY = $(VENV)/ready

.PHONY: run test test-faults test-kannel test-smsc test-smssync check bench clean

run: $(READY)  ## start the host in development mode, with SQLite and the bookstore
	$(VENV)/bin/smshost serve --dev --port $(PORT)

test: $(READY)  ## run every test: two files at a time, then one by one those that want the machine for themselves
	$(VENV)/bin/python -m pytest -q -n 2 --dist loadfile -m "not faults and not alone"
	$(VENV)/bin/python -m pytest -q -m "faults or alone"

test-faults: $(READY)  ## kill, starve and confuse it, on both databases, and count what was lost; about 25 minutes
	SMSHOST_TEST_KILLS=$${SMSHOST_TEST_KILLS:-100} $(VENV)/bin/python -m pytest -m faults -q

test-kannel: $(READY)  ## the acceptance tests against a real Kannel; installs Debian's packages where they are missing
	tests/kannel/install
	REQUIRE_SERVICES=1 $(VENV)/bin/python -m pytest -m kannel

test-smssync: $(READY)  ## a simulated phone with SMSsync, in the three versions, while the host is killed and restarted
	SMSHOST_TEST_KILLS=$${SMSHOST_TEST_KILLS:-100} $(VENV)/bin/python -m pytest -m smssync

test-smsc: $(READY)  ## the acceptance tests with a real Kannel and an SMSC for each protocol; needs node and npm, too
	tests/kannel/install
	tests/smsc/install
	REQUIRE_SERVICES=1 REQUIRE_PEERS=1 $(VENV)/bin/python -m pytest -m smsc

check: $(READY)  ## types, style, and the order of the floors
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(READY)  ## measure this host against its goals; about 25 minutes, on an idle machine
	$(VENV)/bin/python -m bench

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev,js,postgres]'
	touch $@

clean:  ## remove the virtual environment and the caches, not the database
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
