# Everything a fresh machine needs besides Python 3.11 and make is installed by these targets.
PYTHON ?= python3
UV := .tools/bin/uv
# An office network may have certificates of its own.
export UV_SYSTEM_CERTS ?= 1
RUN := $(UV) run --frozen

.PHONY: demo test check bench clean

demo: .venv/ready  ## audit the sample documents: printed here, and as build/audit.html
	@mkdir -p build
	@$(RUN) prongsai audit samples/*.* --html build/audit.html; status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi
	@echo
	@echo "The same as a page: build/audit.html"

test: .venv/ready  ## what CI runs
	$(RUN) ruff check .
	$(RUN) lint-imports --no-cache
	$(RUN) mypy
	$(RUN) prongsai framework check
	$(RUN) pytest

check: test  ## test, formatting, and known holes in dependencies
	$(RUN) ruff format --check .
	$(RUN) pip-audit --skip-editable

bench: .venv/ready  ## scoring against DuckDB, pandas and the floor; figures for docs/performance.md
	$(RUN) --group bench python bench/scoring.py

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check "uv==0.13.8"

.venv/ready: .tools/bin/uv pyproject.toml uv.lock
	$(UV) sync --frozen --quiet
	@touch .venv/ready

clean:
	rm -rf .venv .tools build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
