# `make` prints what there is. Everything sets up what it needs, once.

export PATH := $(CURDIR)/.venv/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast check bench faults proof fuzz pbx servers trace golden openapi clean python web

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup $(if $(filter asterisk,$(PBX)),pbx)  ## start the demo call centre (PBX=asterisk: on a real switch)
	@exec cti demo $(if $(PBX),--pbx $(PBX))

test: setup servers pbx  ## all tests, real servers included
	@npm --prefix web run --silent test
	@pytest -n 2 --dist loadgroup -m "not live" $(TESTS) || [ $$? -eq 5 ]
	@pytest -m "live and not proof" $(TESTS) || [ $$? -eq 5 ]  # alone: people and phones answer in real time

test-fast: setup  ## the tests that need no server
	@pytest -n 2 --dist loadgroup -m "not live" $(TESTS)

check: setup  ## format, lint, types, imports, browser code, shipped configuration
	@tools/servers promtool
	ruff format --check --quiet .
	ruff check --quiet .
	mypy
	lint-imports --no-cache
	npm --prefix web run --silent check
	promtool check config config/prometheus/prometheus.yml

setup: python web  ## what running needs: .venv and the browser pages

python:
	@tools/setup python

web: python
	@tools/setup web

servers:  ## the servers that tests talk to (Debian packages)
	@tools/servers

bench: setup servers  ## how fast it is, beside panoramisk in the same run
	@python -m tests.benchmarks

faults: setup servers pbx  ## whatever may die, dies (hours): table in docs/reliability.md (SEED= RUNS= ONLY=)
	@python -m tests.faults

proof: setup servers pbx  ## fifty recorded calls on the real switch (six minutes): table in docs/reliability.md
	@pytest -m proof --update-golden tests/live

fuzz: python  ## text that strangers choose, found by following branches (READER= SECONDS=)
	@python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	@python -m tests.fuzz

pbx: python  ## Asterisk 22, into .pbx/
	@tools/servers mmdebstrap sipp
	@python tools/pbx.py install

trace: pbx  ## record the golden traces anew from the real switch (six minutes)
	@python tools/trace.py $(SCENES)

golden: python  ## take what the tests see as what they expect, and show the difference
	@pytest --quiet --update-golden tests/cti
	@git --no-pager diff --stat -- tests

openapi: setup  ## the API's description, and the browser's types made from it
	@cti openapi > web/openapi.json
	@npm --prefix web run --silent types

clean:  ## forget everything that was set up or built
	rm -rf .venv .pbx .run web/node_modules web/dist
	find . -name __pycache__ -prune -exec rm -rf {} +
