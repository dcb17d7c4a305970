# Every target sets up what it needs: .venv is made again whenever the pins or the project file change.
PYTHON ?= $(firstword $(foreach python,python3 python3.13 python3.12 python3.11,$(shell $(python) -c \
	'import sys; (3, 11) <= sys.version_info[:2] < (3, 14) and print("$(python)")' 2>/dev/null)))
BIN := .venv/bin
READY := .venv/ready
FROM ?=
SECONDS ?= 60
# Packages a run imports: compiled once, so that runs start fast even if Python may not write bytecode.
COMPILED := typing_extensions.py annotated_types filelock jinja2 joblib markdown_it \
	markupsafe mdurl numpy polars pydantic pydantic_core pygments requests rich scipy skops sklearn typer \
	typing_inspection urllib3 xlsxwriter yaml

.DEFAULT_GOAL := help
.PHONY: help score test check train backtest replay bench faults soak reports ui data docs pins sbom fuzz clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found; install one or run make with PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv --clear .venv
	@{ $(BIN)/pip install --quiet --disable-pip-version-check uv \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements.txt; } \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@# setuptools prints long warnings about folders that hold data and no code.
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 -x '/tests/' $(COMPILED:%=.venv/lib/python*/site-packages/%) \
		bench features models risk >/dev/null 2>&1 || true
	@touch $@

score: $(READY) ## score every partner; write tables, workbook and reports to out/
	@$(BIN)/risk score

test: $(READY) ## run the tests, two files at a time
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY) ## lint, types, the walls between the packages, reference pages, known vulnerabilities of the pins
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
	@$(BIN)/python .ci/reference --check
	@$(BIN)/python .ci/audit.py requirements.txt

sbom: $(READY) ## write the SBOM of the pins (CycloneDX JSON) to out/sbom.json
	@$(BIN)/python .ci/sbom.py requirements.txt pyproject.toml out/sbom.json

fuzz: $(READY) ## coverage-guided fuzzing of every input reader: make fuzz [SECONDS=60]
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check 'atheris>=3'
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(SECONDS)

train: $(READY) ## train all models again and record the run in MLflow
	@$(BIN)/risk train

backtest: $(READY) ## back-test origins 2000-2021 and print metrics for engine and baselines
	@$(BIN)/risk backtest

replay: $(READY) ## replay notified arms sales at what was known before them; writes docs/explanation/replay.md
	@test -f out/standing.parquet || $(BIN)/risk score
	@$(BIN)/risk replay

bench: $(READY) requirements-bench.txt ## measure speed and memory against alternatives; writes docs/performance.md
	@{ $(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements-bench.txt 2>/dev/null; } \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-bench.txt \
		|| echo "some alternatives could not be installed and are skipped" >&2
	@test -f out/standing.parquet || $(BIN)/risk score
	@$(BIN)/risk bench

faults: $(READY) ## inject faults into copies of the engine and check for losses: make faults [KILLS=20]
	@test -f out/standing.parquet || $(BIN)/risk score
	@$(BIN)/python -m bench.faults $(if $(KILLS),--kills $(KILLS))

soak: $(READY) ## run scores and case batches 200 times, eight at once: make soak [COMMANDS=40]
	@test -f out/standing.parquet || $(BIN)/risk score
	@$(BIN)/python -m bench.faults.soak $(if $(COMMANDS),--commands $(COMMANDS))

reports: $(READY) ## rewrite the pages from the last outputs
	@$(BIN)/risk report

ui: $(READY) ## serve the MLflow UI on this machine
	@$(BIN)/risk ui

data: $(READY) ## fetch the publishers' current files, or read a folder: make data [FROM=folder]
	@$(BIN)/risk data refresh $(if $(FROM),--from "$(FROM)")

docs: $(READY) ## write the reference pages in docs/reference again from the code and the rulebook
	@$(BIN)/python .ci/reference

pins: ## resolve the pins again from pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 pyproject.toml --group dev \
		--no-header --no-emit-index-url --no-annotate --output-file requirements.txt

clean: ## remove .venv and out
	@rm -rf .venv out
