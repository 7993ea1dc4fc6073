# make study | sweep | explore | words | test | bench | lab | read | lock | reports | clean        (see README.md)
PYTHON ?= python3
PARAMS ?= notebooks/params/quick.yaml
RUN ?= $(basename $(notdir $(PARAMS)))
GRID ?= notebooks/params/sweep.yaml
CORES ?= all
PROFILE ?= profiles/local
READER ?=
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count(), 4) + 1)')
LANGUAGE ?= en
SCATTER ?=
IMAGES ?=
BIN := .venv/bin
READY := .venv/.ready
SNAKEMAKE = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --profile $(PROFILE) --cores $(CORES)

.PHONY: study sweep explore words test bench lab read lock reports clean
.DEFAULT_GOAL := study
# Packages are compiled when they are first imported. Container images often forbid to keep that: each process would
# then compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %s. Say which to use: make PYTHON=python3.11" % sys.version.split()[0])'
	@echo "Installing into .venv (once; about two minutes)"
	@rm -f $@
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install -qq --no-compile --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install -qq --no-deps --disable-pip-version-check --editable .
	@touch $@

study: $(READY)
	@$(BIN)/python -m helpers.chain check --run '$(RUN)' --params '$(PARAMS)'
	@$(if $(SCATTER),$(SNAKEMAKE) parts --config run='$(RUN)' params='$(PARAMS)' && )$(SNAKEMAKE) --config run='$(RUN)' params='$(PARAMS)' \
	  && echo "Report:  $(CURDIR)/data/runs/$(RUN)/report.html" && echo "Numbers: $(CURDIR)/data/runs/$(RUN)/results.json" \
	  || $(BIN)/python -m helpers.chain waiting --run '$(RUN)' --params '$(PARAMS)'

sweep: $(READY)
	@$(BIN)/python -m helpers.sweep check --grid '$(GRID)'
	@unset HELPERS_PARAMS; $(if $(SCATTER),$(SNAKEMAKE) parts --keep-going --config grid='$(GRID)'; )$(SNAKEMAKE) --keep-going --config grid='$(GRID)'
	@echo "Table and figure: $(CURDIR)/data/sweeps/$(basename $(notdir $(GRID)))/"

explore: $(READY)
	@$(BIN)/python -m helpers.page 13_explore --run '$(RUN)'

words: $(READY)
	@$(BIN)/python -m helpers.page 14_words --run '$(RUN)' $(if $(IMAGES),--images '$(IMAGES)')

test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

bench: $(READY)
	@for file in benchmarks/*.py; do echo "$$file"; $(BIN)/python "$$file" || exit 1; done
	@mkdir -p build && $(BIN)/papermill --cwd benchmarks/generators benchmarks/generators/results.ipynb build/generators.ipynb

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=. --ServerApp.kernel_websocket_connection_class=helpers.reading.channel.PromptChannel

read: $(READY)
	@$(BIN)/python -m helpers.reading --run '$(RUN)' --reader '$(READER)' --language '$(LANGUAGE)'

lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check torch==2.13.0
	build/lock/bin/pip install --quiet --disable-pip-version-check '.[test]' 'soupsieve<3'  # 3: Python 3.11.5
	{ echo '# Every package of the environment, pinned. Made by `make lock` from pyproject.toml.'; \
	  build/lock/bin/pip freeze --exclude helpers | sed 's/+cpu//'; } > requirements.lock

reports: $(READY)
	@$(BIN)/python scripts/licences.py build/licences.csv
	@$(PYTHON) -m venv build/audit && build/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@build/audit/bin/pip-audit --requirement requirements.lock --no-deps --disable-pip --format json --output build/audit.json
	@echo "Licences: build/licences.csv   Known vulnerabilities: build/audit.json"

clean:
	rm -rf .venv build .snakemake .pytest_cache .ruff_cache
