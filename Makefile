# Everything here sets up what it needs: Python 3.13 (or pyenv with one) and make are enough.

PYTHON ?= python3.13

# How many tests run at once. They wait as much as they work: more than there are cores may pay.
WORKERS ?= 2

UV := .tools/bin/uv
RUN := $(UV) run --frozen

# Tests and demos start many processes: compiled code makes each start in a third of the time.
export UV_COMPILE_BYTECODE := 1

.PHONY: demo test lint fuzz bench parity mutants determinism fixtures profiles pictures docs format clean
.DEFAULT_GOAL := test

demo: .venv/ready
	$(RUN) python examples/demo.py

test: .venv/ready
	PYTHONPATH=tests $(RUN) python -m peers.install
	$(RUN) pytest -n $(WORKERS) --dist worksteal

lint: .venv/ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	PYTHONPATH=tests/typing $(RUN) lint-imports

fuzz: .venv/ready
	WIRETAPE_FUZZ_EXAMPLES=10000 $(RUN) pytest -n 2 -m fuzz --timeout 7200

bench: .venv/ready
	$(RUN) python -m benchmarks.record
	$(RUN) python -m benchmarks.analyse
	PYTHONPATH=tests $(RUN) python -m benchmarks.replay

parity: .venv/ready
	PYTHONPATH=tests $(RUN) python -m peers.install
	PYTHONPATH=tests $(RUN) python -m parity

mutants: .venv/ready
	PYTHONPATH=tests $(RUN) python -m peers.install
	PYTHONPATH=tests:examples $(RUN) python -m mutants

determinism: .venv/ready
	PYTHONPATH=tests $(RUN) python -m peers.install
	PYTHONPATH=tests:examples $(RUN) python -m mutants.determinism bridge --runs 20
	PYTHONPATH=tests:examples $(RUN) python -m mutants.determinism gateway --runs 20

fixtures: .venv/ready
	PYTHONPATH=tests $(RUN) python tests/make_fixtures.py
	PYTHONPATH=tests $(RUN) python tests/make_profiles.py

profiles: .venv/ready
	PYTHONPATH=tests $(RUN) python tests/make_profiles.py

pictures: demo
	PYTHONPATH=tests $(RUN) python tests/make_pictures.py

docs: .venv/ready
	$(RUN) wiretape schema > docs/recording.schema.json
	$(RUN) wiretape schema --profile > docs/profile.schema.json
	$(RUN) wiretape schema --report > docs/report.schema.json
	$(RUN) wiretape schema --comparison > docs/comparison.schema.json
	$(RUN) wiretape schema --conformance > docs/conformance.schema.json
	$(RUN) wiretape checks --markdown > docs/checks.md
	$(RUN) wiretape faults --markdown > docs/faults.md

format: .venv/ready
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.venv/ready: $(UV) pyproject.toml uv.lock setup.py
	$(UV) sync --frozen
	touch $@

# pyenv's `python` is the one that .python-version names; elsewhere it is `python3.13`.
$(UV):
	@python=$$(command -v $(PYTHON) || command -v python) && \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 13))' || \
	  { echo "wiretape needs Python 3.13 or newer: install it, or say make PYTHON=…" >&2; exit 1; } && \
	  $$python -m venv .tools && .tools/bin/python -m pip install --quiet uv

clean:
	rm -rf .venv .tools .cache build dist *.egg-info
