# make run · make test · make check · make bench. Needs Python 3.11, make and git; everything else is fetched here.
PORT ?= 8000
PYTHON ?= python3.11
DATA ?= ../shared/data
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv/bin/uv)
RUN := .venv/bin
TRAIN := PYTHONPATH=src build/train/bin/python -m training.text

.PHONY: run test check format bench evaluate train-text clean
.DEFAULT_GOAL := run

.tools/uv/bin/uv:
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet uv

.venv/.ready: pyproject.toml uv.lock $(filter .tools/%,$(UV))
	$(UV) sync --quiet --locked --python $(PYTHON)
	@touch $@

run: .venv/.ready  ## the shop of the demo, with its live chat, on http://127.0.0.1:$(PORT)
	$(RUN)/unspoken demo --port $(PORT)

test: .venv/.ready  ## everything: unit, both databases, browser, mail server, crashes
	@sh tests/install-peers.sh
	$(RUN)/python -m tests

check: export UNSPOKEN_DATA = build/check
check: export DJANGO_SETTINGS_MODULE = unspoken.config.settings
check: .venv/.ready  ## ruff, mypy --strict, import-linter, templates, lock file, migrations
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(UV) lock --check --quiet
	$(RUN)/django-admin makemigrations --check --dry-run
	$(RUN)/python -m tests.templates

bench: .venv/.ready  ## speed as ratios in one run
	$(RUN)/python -m benchmarks

evaluate: .venv/.ready  ## quality, from the data in DATA
	$(RUN)/unspoken evaluate text --data $(DATA)
	$(RUN)/unspoken evaluate trajectory --data $(DATA)

train-text: .venv/.ready  ## make the text model anew (PyTorch in an environment of its own)
	$(PYTHON) -m venv build/train
	build/train/bin/pip install --quiet -r training/text/requirements.txt
	$(TRAIN).train --data $(DATA)/text --public-only --work build/text/general
	$(TRAIN).train --data $(DATA)/text --work build/text/service
	$(TRAIN).average --general build/text/general/weights.pt --service build/text/service/weights.pt --out build/text/weights.pt
	cp build/text/service/tokenizer.json build/text/
	$(TRAIN).export --data $(DATA)/text --work build/text
	PYTHONPATH=src $(RUN)/python -m training.text.calibrate --data $(DATA)/text
	$(RUN)/unspoken evaluate text --data $(DATA) --write-card

clean:
	rm -rf .venv .tools build dist
