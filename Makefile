# make run · make test · make check · make bench. Needs Python 3.11, make and git; everything else is fetched here.
PORT ?= 8000
PYTHON ?= python3.11
DATA ?= ../shared/data
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv/bin/uv)
RUN := .venv/bin
TRAIN := PYTHONPATH=src build/train/bin/python -m training.text

.PHONY: run test check format bench evaluate train-text train-voice clean
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
	$(RUN)/unspoken evaluate voice --data $(DATA)

WORK ?= build/text
INTO ?= src/unspoken/perception/text
ROWS ?=
FEW = $(if $(ROWS),--rows $(ROWS))
ONCE = $(if $(ROWS),--epochs 1)
CALIBRATE = PYTHONPATH=src $(RUN)/python -m training.text.calibrate --data $(DATA)/text --model

train-text: .venv/.ready  ## make the text models anew; with ROWS=200 WORK=folder INTO=folder, rehearse it in minutes
	$(PYTHON) -m venv build/train
	build/train/bin/pip install --quiet -r training/text/requirements.txt
	for k in 0 1 2 3 4; do $(TRAIN).train --data $(DATA)/text $(FEW) --fold $$k --work $(WORK)/fold$$k $(ONCE) || exit 1; done
	for k in 0 1 2; do $(TRAIN).train --data $(DATA)/text $(FEW) --emotions-only --epochs 3 --rate 1e-4 --seed $$k \
		--work $(WORK)/emotions$$k $(ONCE) || exit 1; done
	$(TRAIN).soften --work $(WORK) $(FEW)
	$(TRAIN).train --data $(DATA)/text $(FEW) --soft $(WORK)/soft.npz --epochs 5 --rate 2e-4 --work $(WORK)/student $(ONCE)
	$(TRAIN).export --data $(DATA)/text --work $(WORK)/student --out $(INTO)/model
	$(TRAIN).spelling --data $(DATA)/text --out $(INTO)/model
	$(CALIBRATE) $(INTO)/model
	$(TRAIN).mixed --data $(DATA)/text --model $(INTO)/model --out $(WORK)/mixed.npz $(if $(ROWS),--count $(ROWS)0)
	$(TRAIN).refine --data $(DATA)/text $(FEW) --model $(INTO)/model
	$(CALIBRATE) $(INTO)/model
	$(TRAIN).light --data $(DATA)/text $(FEW) --soft $(WORK)/soft.npz --mixed $(WORK)/mixed.npz \
		--start $(WORK)/student/weights.pt --out $(INTO)/light $(ONCE)
	$(TRAIN).spelling --data $(DATA)/text --out $(INTO)/light
	$(CALIBRATE) $(INTO)/light
	for model in $(if $(ROWS),,model light); do \
		$(RUN)/unspoken evaluate text --data $(DATA) --model $(INTO)/$$model --write-card || exit 1; done

train-voice: .venv/.ready  ## make the voice model anew
	$(PYTHON) -m venv build/train
	build/train/bin/pip install --quiet -r training/voice/requirements.txt
	PYTHONPATH=src build/train/bin/python -m training.voice.train --data $(DATA)/voice
	PYTHONPATH=src build/train/bin/python -m training.voice.overlap --data $(DATA)/voice
	PYTHONPATH=src $(RUN)/python -m training.voice.fuse --data $(DATA)
	$(RUN)/unspoken evaluate voice --data $(DATA) --write-card

clean:
	rm -rf .venv .tools build dist
