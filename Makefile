# `make` alone lists the commands. The first use of any of them makes .venv and fetches the Java libraries.
SEED ?= 1
HOURS ?= 3
VEHICLES ?= 20
BASE ?= origin/main
ifndef ENGINE
ENGINE := $(or $(JUNCTION_TARGET),duckdb)
endif
TARGET ?= $(ENGINE)
export JUNCTION_TARGET := $(ENGINE)

BIN := .venv/bin
PYTHON := $(BIN)/python
DBT := cd dbt_project && ../$(BIN)/dbt

.DEFAULT_GOAL := help
.PHONY: help setup demo up refresh thrift serve export docs test test-long test-cluster test-fast wheel parity exactness torture races attack contract-check ci-slim bench mutation sbom lint format
MAKEFLAGS += --no-print-directory

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv from requirements.lock and fetch the Java libraries (all others do it when needed)
	@sh local/setup.sh

demo: setup ## A simulated city from Kafka to tested marts and the docs site: SEED=1 HOURS=3 VEHICLES=20 ENGINE=duckdb
	@$(PYTHON) -m local demo --seed $(SEED) --hours $(HOURS) --vehicles $(VEHICLES)

up: setup ## The same live, until Ctrl-C: SEED=1 VEHICLES=20 ENGINE=duckdb
	@$(PYTHON) -m local up --seed $(SEED) --vehicles $(VEHICLES)

refresh: setup ## Build what has something new, what failed and what was edited since the last refresh
	@$(PYTHON) -m local refresh

thrift: setup ## Serve the warehouse to BI tools (JDBC, port 10000), until Ctrl-C
	@$(PYTHON) -m local thrift

serve: setup ## Serve the DuckDB warehouse to BI tools and dbt (PostgreSQL's protocol, port 5433), until Ctrl-C
	@$(PYTHON) -m local serve

export: setup ## Write each mart of the DuckDB warehouse as Parquet, TO/<mart>/<mart>.parquet: TO=var/export
	@$(PYTHON) -m local export $(if $(TO),--to "$(TO)")

docs: setup ## Write the docs site as one file, dbt_project/target/static_index.html
	@$(DBT) docs generate --static --quiet --profiles-dir ../profiles
	@echo "Open dbt_project/target/static_index.html"

test: setup ## The tests, on real Kafka, Spark and dbt (about 25 minutes on two cores)
	@$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not long and not cluster'  # the order is that of tests/conftest.py

test-long: setup ## The others: kills of make up, and claims on a second engine
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m long

test-cluster: setup ## A city through a Spark cluster into a bucket, an executor killed; the marts from the bucket, on two engines
	@$(PYTHON) -m pytest -m cluster

test-fast: setup ## The tests that need no JVM and no database server (one to three minutes)
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m 'not jvm and not standin and not embedded and not long and not cluster'

wheel: setup ## The landing job as a wheel for a cluster, var/dist/junction-*.whl
	@$(PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation -w var/dist .
	@ls var/dist/junction-*.whl

parity: setup ## The Redshift stand-in against the oracle over all schedules, and all engines against Spark; lists the rows of each model
	@JUNCTION_PARITY=long $(PYTHON) -m pytest -rP tests/warehouse/redshift/test_parity.py \
		tests/warehouse/spark/test_warehouse.py

exactness: setup ## Incremental = full refresh = oracle over 50 seeded schedules of what can go wrong; writes docs/exactness.md
	@$(PYTHON) -m testbed.schedules

mutation: setup ## Change one operator or constant of a model at a time: do the tests notice? Writes docs/mutation.md
	@$(PYTHON) -m testbed.mutation

torture: setup ## Kill landing, compaction and the broker, hang and cut it off over 1.5 million events, on a disk and in a bucket; writes its reports into docs (two hours)
	@$(PYTHON) -m testbed.torture
	@$(PYTHON) -m testbed.torture --store bucket --events 510000 --kills 84 --broker-kills 8 --troubles 16 --clocks 0 --seeds 1 2

races: setup ## Three landing jobs at once without a lock, killed and paused, on a disk and in a bucket that fails; writes docs/races.md
	@$(PYTHON) -m testbed.races

attack: setup ## 500 seeded hostile inputs and interleavings, checked record by record; writes docs/attack.md (a few minutes)
	@$(PYTHON) -m testbed.attack

contract-check: setup ## Fail if the contract breaks with the one at a git revision: BASE=origin/main
	@$(PYTHON) -m ingest contract-check $(BASE)

ci-slim: setup ## Build what differs from a git revision, the rest deferred, and name its exposures: BASE=origin/main TARGET=duckdb
	@$(PYTHON) -m local ci-slim $(BASE) --target $(TARGET)

bench: setup ## How fast is landing, does it stay so, does a dbt run cost what is new, how old is what readers see? (about two hours)
	@$(PYTHON) -m benchmarks.landing
	@$(PYTHON) -m benchmarks.flat_landing
	@$(PYTHON) -m benchmarks.incremental
	@$(PYTHON) -m benchmarks.freshness

sbom: setup ## Write the bill of materials (CycloneDX): Python's packages and all jars, var/sbom.cdx.json
	@$(PYTHON) -m local sbom

lint: setup ## ruff, mypy and sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd dbt_project && JUNCTION_VAR=$(CURDIR)/var/lint DBT_TARGET_PATH=$(CURDIR)/var/lint/target JUNCTION_JARS=$(CURDIR)/var/jars \
		../$(BIN)/sqlfluff lint models --config ../.sqlfluff

format: setup ## Let ruff format the Python
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
