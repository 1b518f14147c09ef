# Two commands matter: `make lab` opens the welcome notebook, `make test` runs everything.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help lab test lint gallery bench verify clean python-version
.DEFAULT_GOAL := help

help:
	@echo "make lab      open JupyterLab on the welcome notebook"
	@echo "make test     lint, types and every test"
	@echo "make gallery  execute the notebooks into build/gallery/index.html"
	@echo "make bench    time the kernels (ARGS='--op deposit')"
	@echo "make verify   thousand-case parity, hours (ONLY=deposit for one op)"
	@echo "make clean    remove the environment and everything built"

python-version:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"stnb needs Python 3.11, 3.12 or 3.13; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.11 ...")'

# Kernels are compiled when first called and kept on disk: do it now, not in somebody's first cell.
WARM = $(BIN)/python -m stnb run --steps 2 --quiet > /dev/null

# Jupyter refuses to run as root, as in a container, unless told that it may.
ROOT_MAY = $(if $(filter 0,$(shell id -u)),--allow-root)

# A stamp per set of extras. A virtual environment whose interpreter is gone or has moved is rebuilt.
$(VENV)/.lab: pyproject.toml constraints.txt | python-version
	@$(BIN)/python -c 'import sys' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing stnb into $(VENV) (a few minutes, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[lab]"
	@$(WARM)
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | python-version
	@$(BIN)/python -c 'import sys' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing stnb and its test tools into $(VENV) (a few minutes, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@$(WARM)
	@touch $@ $(VENV)/.lab

lab: $(VENV)/.lab
	@$(BIN)/python -m jupyter lab notebooks/00_welcome.ipynb $(ROOT_MAY) $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports

test: lint
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)
	@$(BIN)/python kernels/benchmarks/verify.py --stale

gallery: $(VENV)/.dev
	@$(BIN)/python -m stnb.gallery build --into build/gallery

bench: $(VENV)/.dev
	@$(BIN)/python kernels/benchmarks/run.py $(ARGS)

verify: $(VENV)/.dev
	@$(BIN)/python kernels/benchmarks/verify.py $(if $(ONLY),--op $(ONLY)) $(ARGS)

clean:
	rm -rf $(VENV) build
