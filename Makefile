# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HEADLESS ?=
# One more than two cores: the tests of the real exchange mostly wait for it.
WORKERS ?= 3

.PHONY: demo test check setup lock clean

demo: setup ## a practice campaign on a real Asterisk (HEADLESS=1: no screen, about two minutes)
	@$(BIN)/dialer demo $(if $(HEADLESS),--headless)

test: setup ## all tests, the real-Asterisk and PostgreSQL ones included
	@$(BIN)/python -m telephony.asterisk.provisioning
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: setup ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.ready ## a private environment in .venv with pinned versions

$(VENV)/.ready: pyproject.toml constraints.txt deploy/make-venv.sh
	@PYTHON="$(PYTHON)" sh deploy/make-venv.sh $(VENV)
	@touch $@

lock: setup ## renew constraints.txt from what is installed
	@sh deploy/lock.sh $(BIN) > constraints.txt

clean: ## remove the private environment
	rm -rf $(VENV)
