# The whole developer interface: `make demo`, `make test`, `make check`. Each does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.installed
JOBS ?= 2
HOME_FOLDER := $(or $(IR500K_HOME),demo-home)

.PHONY: setup demo test check format lock clean

setup: $(DONE)

$(DONE): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(DONE)

demo: export IR500K_HOME := $(HOME_FOLDER)
demo: export IR500K_OFFLINE := 1
# The demo's networks are so small that a second thread costs more than it does.
demo: export OMP_NUM_THREADS := 1
demo: $(DONE)
	$(BIN)/python -m ingest synthetic $(HOME_FOLDER)/raw/synthetic
	$(BIN)/python -m splits build synthetic
	$(BIN)/python -m bench run pix2pix --dataset synthetic --preset tiny
	$(BIN)/python -m bench run diffv2ir --dataset synthetic --preset tiny
	$(BIN)/python -m reports table2 --dataset synthetic
	$(BIN)/python -m reports build
	@echo
	@echo "The report: $(HOME_FOLDER)/reports/index.html (open it in a browser)."
	@echo "Next, with your own data:"
	@echo "  . $(BIN)/activate; export IR500K_HOME=$(abspath $(HOME_FOLDER))"
	@echo "  python -m ingest sources                        # which public datasets are known"
	@echo "  python -m ingest roadscene PATH/TO/RoadScene    # raw download -> verified shards"
	@echo "  python -m bench run diffv2ir --dataset roadscene --preset tiny"

test: $(DONE)
	IR500K_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q

check: $(DONE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(DONE)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Resolves pyproject.toml anew. Torch is pinned first: other versions pull gigabytes of CUDA packages on a machine
# without a GPU. Local labels (+cpu) and the packages of the CUDA build stay out, so that the file installs anywhere.
lock:
	rm -rf .lock-venv && $(PYTHON) -m venv .lock-venv
	.lock-venv/bin/python -m pip install --quiet torch==2.13.0 torchvision==0.28.0 "setuptools>=77" wheel
	.lock-venv/bin/python -m pip install --quiet --no-build-isolation ".[dev]"
	.lock-venv/bin/python -m pip freeze --all --exclude ir500k --exclude pip | sed 's/+cpu//' | grep -v '^nvidia-' > requirements.lock
	rm -rf .lock-venv

clean:
	rm -rf $(VENV) demo-home build *.egg-info .mypy_cache .ruff_cache .pytest_cache
