.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

install: .venv/installed ## Install into ./.venv

check: install ## Format, lint, strict types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: install ## Run every test, those with a Java machine alone; show branch coverage
	$(BIN)/pytest -n auto --dist loadfile -q -m "not java and not model" --cov --cov-report=
	$(BIN)/pytest -q -m java --cov --cov-append --cov-report=term:skip-covered --cov-report=html
	@echo "Coverage by file: htmlcov/index.html"

demo: install ## The main job on a simulated shop; prints the path of its report
	$(BIN)/siyu demo demo --force

bench: install ## Benchmarks: seconds and memory; needs the real data for some
	$(BIN)/python -m pytest benchmarks -q -s --benchmark-only --benchmark-columns=min,median,max,rounds

clean: ## Remove what the targets above made
	rm -rf .venv demo htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help install check format test demo bench clean
