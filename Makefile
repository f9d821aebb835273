# The one way to do each thing. `make` alone prints this list.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
TORCH ?= torch==2.13.0
PROJECT ?= .
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/callreasons
export PYTHONWARNINGS ?= ignore
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help
help: ## Print this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(VENV)/.installed ## Make .venv with everything in it (TORCH='torch==2.13.0').

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "callreasons needs Python 3.11: make setup PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "Setting up $(VENV): about 4 minutes" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(TORCH)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,demo]'
	@touch $@

.PHONY: models
models: setup ## Fetch the models that pipeline.toml names, once per user.
	@$(RUN) models fetch --project "$(PROJECT)" > /dev/null

.PHONY: demo
demo: models ## Listen to the demo calls and write the report in English and Chinese.
	@$(call ok,$(RUN) run --recordings transcripts/demo/recordings --manifest transcripts/demo/manifest.csv \
		--texts transcripts/demo/texts.jsonl)
	@$(call ok,$(RUN) report --language zh --quiet)
	@$(RUN) show reasons

.PHONY: run
run: models ## Everything new, from recordings to the report (PROJECT=DIR). Made for cron.
	@$(call ok,$(RUN) run --quiet --project "$(PROJECT)")

.PHONY: transcribe
transcribe: models ## Only listen: ingest, transcribe, redact (PROJECT=DIR).
	@$(call ok,$(RUN) run --quiet --until redact --project "$(PROJECT)")

.PHONY: report
report: models ## Only the cheap part again: roles to report (PROJECT=DIR).
	@$(call ok,$(RUN) run --quiet --from roles --project "$(PROJECT)")

.PHONY: lint
lint: setup ## Check style.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

.PHONY: type
type: setup ## Check types.
	@$(BIN)/mypy

.PHONY: test
test: models ## Run every test, as many files at once as JOBS says (JOBS=2).
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

.PHONY: wheel
wheel: setup ## Build the wheel into dist/.
	@rm -rf dist && $(BIN)/python -m build --wheel --outdir dist . > /dev/null && ls dist

.PHONY: check
check: lint type test ## Style, types and tests.

.PHONY: bench
bench: models ## Measure transcription beside the plain loop, side by side in one run.
	@$(BIN)/python -m benchmarks.transcribe

.PHONY: eval
eval: models ## Measure every judgement on the public data that CALLREASONS_EVAL names, beside what others would use.
	@$(RUN) evaluate --project "$(PROJECT)"
	@$(BIN)/python -m benchmarks.near_pairs

.PHONY: curating
curating: models ## Measure what a curator waits for, with a million utterances.
	@$(BIN)/python -m benchmarks.curating
	@$(BIN)/python -m benchmarks.curating_page

.PHONY: two-curators
two-curators: models ## Let two curators in browsers, runs and a third hand work at once for ten minutes: is all of it there?
	@$(BIN)/python -m benchmarks.two_curators

.PHONY: scale
scale: models ## Measure seconds and memory of embedding, coding and grouping many utterances, and of coding a million again.
	@$(BIN)/python -m benchmarks.scale; status=$$?; $(BIN)/python -m benchmarks.recoding && exit $$status

.PHONY: stability
stability: models ## Measure how many old utterances change their cluster when more come.
	@$(BIN)/python -m benchmarks.stability

.PHONY: demo-check
demo-check: setup ## Compare what the demo run found with its scripts and true reasons.
	@$(BIN)/python -m benchmarks.demo

.PHONY: bad-inputs
bad-inputs: models ## Run every kind of bad recording and manifest and write docs/bad-inputs.md.
	@($(BIN)/python -m benchmarks.bad_inputs && $(BIN)/python -m benchmarks.bad_metadata) > docs/.bad-inputs.tmp && mv docs/.bad-inputs.tmp docs/bad-inputs.md

.PHONY: office
office: setup ## Open the reports' workbooks in LibreOffice and compare every cell with the CSVs (PROJECT=DIR).
	@$(BIN)/python -m benchmarks.office --project "$(PROJECT)"

.PHONY: demo-calls
demo-calls: setup ## Make the demo recordings again from their scripts.
	@$(BIN)/python transcripts/demo/make_demo_calls.py

.PHONY: clean
clean: ## Remove what was derived: store/ and reports/. Transcripts, taxonomy and state stay.
	@rm -rf store reports dist .pytest_cache .mypy_cache .ruff_cache

# Exit 3 means done, with new failures that were listed: a success for a nightly target.
define ok
$(1) || { code=$$?; test $$code -eq 3 || { echo "callreasons ended with exit code $$code" >&2; exit $$code; }; }
endef
