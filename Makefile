# Every path here is relative, so the project may live under blanks and Chinese characters.
# Nothing but make and Python >= 3.11 (with venv) is needed; what is installed is checked against the hashes
# in the lock, and nothing is fetched again until a lock changes. All of it comes built, but for pyspark (tests
# alone), which its authors publish as a source archive of plain Python and jars.

PYTHON ?= python3
UV ?= uv
ENTERPRISES ?= 100
DEMO_ARGS ?=
UP_ARGS ?=
PYTEST_ARGS ?= -n 2
PY := .venv/bin/python

export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE # what is imported is compiled once, not by each process

.DEFAULT_GOAL := help
.PHONY: services help demo up truth test check fault hostile soak bench mutants schemas lock clean venv venv-dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

demo: venv ## a simulated county for one business day, through broker, journal, Airflow, to the reports
	@"$(PY)" -m sensors_sim.demo --enterprises "$(ENTERPRISES)" $(DEMO_ARGS)

up: venv ## broker, listener, a live simulated county and Airflow in one terminal (UP_ARGS="--port 0"); Ctrl-C ends all
	@"$(PY)" -m sensors_sim.up $(UP_ARGS)

truth: venv ## every scenario once, through a real broker; writes the scorecard into both READMEs
	@"$(PY)" -m sensors_sim.proof --write README.md --write README.zh-CN.md
	@"$(PY)" -m sensors_sim signals --write README.md --write README.zh-CN.md
	@"$(PY)" -m tests.truth_set --write README.md --write README.zh-CN.md

test: venv-dev ## all tests (PYTEST_ARGS="-k journal" for some)
	@"$(PY)" -m pytest $(PYTEST_ARGS)

check: venv-dev ## style, types, import directions, schemas in step with the code
	"$(PY)" -m ruff check .
	"$(PY)" -m ruff format --check .
	"$(PY)" -m mypy
	"$(PY)" -c 'from importlinter.cli import lint_imports_command as main; main()'
	"$(PY)" -m rdchem.cli schema --check

fault: venv-dev ## kills, full disks, cut networks, tampering, by the hundred (root; FAULT_ARGS="--only broker")
	@"$(PY)" -m tests.fault $(FAULT_ARGS)

hostile: venv-dev ## a million payloads nobody should send (HOSTILE_ARGS="--count 50000 --fuzz 20000 --wire 2000")
	@"$(PY)" -m tests.hostile $(HOSTILE_ARGS)

soak: venv-dev ## the nation's rate for an hour, memory every minute (SOAK_ARGS="--minutes 20")
	@"$(PY)" -m tests.soak $(SOAK_ARGS)

bench: venv-dev ## measure on this machine
	@"$(PY)" -m tests.bench $(BENCH_ARGS)

mutants: venv-dev ## does a test notice each change to a rule? (MUTANTS="rdchem.calendar." for some; half an hour)
	@"$(PY)" -m tests.mutants $(MUTANTS)

services: venv-dev ## on real Airflow services: the morning by its schedule through a kill, a backfill, an approval (minutes)
	@"$(PY)" -m pytest -q tests/services

schemas: venv ## write schemas/ anew from the nouns
	"$(PY)" -m rdchem.cli schema

# The locks name no registry: whoever installs chooses it in pip's own configuration.
LOCK = "$(UV)" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet pyproject.toml

lock: ## resolve the dependencies anew (needs uv; LOCK_ARGS=--upgrade to move versions)
	@command -v "$(UV)" >/dev/null || { echo "make lock 需要 uv:先安装 uv,或用 UV=路径 指明。" >&2; exit 1; }
	$(LOCK) $(LOCK_ARGS) --extra demo --extra postgresql -o requirements.lock
	$(LOCK) $(LOCK_ARGS) --all-extras -c requirements.lock -o requirements-dev.lock

clean: ## remove caches and out/ (keeps .venv, and var/ with its journal)
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find dags rdchem sensors_sim tests -name __pycache__ -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------
# A copy of the installed lock inside .venv is the stamp: equal content means nothing to do, also offline.
# requirements-dev.lock is resolved on top of requirements.lock, so it satisfies both. A lock is complete, so
# pip need not work out what depends on what (`--no-deps`), but has to agree at last (`pip check`).

venv:
	@cmp -s requirements.lock .venv/requirements.lock || $(MAKE) --no-print-directory .install LOCKED=requirements.lock

venv-dev:
	@cmp -s requirements-dev.lock .venv/requirements-dev.lock || \
		{ $(MAKE) --no-print-directory .install LOCKED=requirements-dev.lock && cp requirements.lock .venv/; }
	@$(MAKE) --no-print-directory venv

.PHONY: .install
.install:
	@"$(PY)" -m pip --version >/dev/null 2>&1 || $(MAKE) --no-print-directory .new-venv
	@echo "安装依赖($(LOCKED),首次约 1–3 分钟)…"
	@"$(PY)" -m pip install --no-deps --require-hashes --only-binary :all: --no-binary pyspark -r $(LOCKED)
	@"$(PY)" -m pip check --quiet
	@cp $(LOCKED) .venv/$(LOCKED)

# The project itself is not installed but pointed at, by a path relative to site-packages: nothing to build,
# no absolute path to spell, and the folder may be moved.
.PHONY: .new-venv
.new-venv:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新版本;可用 make PYTHON=python3.12 … 指明。" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "这台机器的 Python 缺少 venv:请先运行 apt install python3-venv。" >&2; exit 1; }
	@rm -rf .venv && "$(PYTHON)" -m venv .venv
	@"$(PY)" -c 'import os, pathlib, sysconfig; lib = pathlib.Path(sysconfig.get_path("purelib")); \
		(lib / "rdchem.pth").write_text(os.path.relpath(os.getcwd(), lib) + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m rdchem.cli "$$@"\n' > .venv/bin/rdchem
	@chmod +x .venv/bin/rdchem
