PYTHON_BIN := .venv/bin/python
WHEEL_ENV := .venv-wheel
SOURCES := auditkit tests scripts examples benchmarks docs

.PHONY: help setup demo test lint format docs bench vectors package wheel-env lock

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: ## Install whatever is missing on this machine
	@scripts/bootstrap

demo: setup ## Capture, verify and report a real training run
	@PATH="$(CURDIR)/.venv/bin:$$PATH" bash examples/flights/demo.sh

test: lint docs wheel-env ## Everything that CI checks, against the built wheel
	@scripts/bootstrap test
	@PATH="$(CURDIR)/$(WHEEL_ENV)/bin:$(CURDIR)/.venv/bin:$$PATH" AUDITKIT_TEST_WHEEL=1 \
		$(WHEEL_ENV)/bin/python -P -m pytest -q -n 2

lint: setup ## Formatting, style, strict types, layers
	@$(PYTHON_BIN) -m ruff format --check --quiet $(SOURCES)
	@$(PYTHON_BIN) -m ruff check --quiet $(SOURCES)
	@$(PYTHON_BIN) -m mypy
	@.venv/bin/lint-imports --no-logo

format: setup ## Format the code and mend what can be mended
	@$(PYTHON_BIN) -m ruff format $(SOURCES)
	@$(PYTHON_BIN) -m ruff check --fix $(SOURCES)

docs: setup ## Draw the gallery of reports again, and build the documentation into docs/_build
	@scripts/bootstrap docs
	@$(PYTHON_BIN) scripts/generate_gallery.py
	@$(PYTHON_BIN) -m sphinx --quiet --fail-on-warning --keep-going docs docs/_build

bench: setup ## Measure, and print what was measured
	@$(PYTHON_BIN) -m benchmarks

vectors: setup ## Write generated files again: schemas, reference pages, test vectors
	@$(PYTHON_BIN) scripts/generate_schemas.py
	@$(PYTHON_BIN) scripts/generate_cli_reference.py
	@$(PYTHON_BIN) scripts/generate_checks.py
	@$(PYTHON_BIN) scripts/generate_catalogues.py
	@$(PYTHON_BIN) tests/content/vectors.py
	@$(PYTHON_BIN) tests/bundles/vectors.py

package: setup ## Build the source distribution and the wheel into dist/
	@rm -rf dist
	@$(PYTHON_BIN) -m build --quiet --no-isolation --outdir dist

wheel-env: package
	@scripts/wheel-env $(WHEEL_ENV) dist/*.whl

LOCK := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --quiet

lock: setup ## Resolve requirements/*.txt again
	@$(LOCK) pyproject.toml --all-extras --group dev --output-file requirements/dev.txt
	@$(LOCK) requirements/dvc.in --output-file requirements/dvc.txt
