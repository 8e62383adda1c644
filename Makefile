# Ringwall's workshop. Needs make and Python 3.11 or newer; every target sets up .venv/ by itself.
#
#   make demo    the whole of Ringwall on the shipped example, within a minute
#   make test    format, lint, types, layers, tests
#   make fix     let ruff format and mend what it can
#   make lock    renew requirements*.lock from pyproject.toml
#   make docs    renew docs/spec.md from the schema
#   make bench   print timings against their baselines
#   make clean   remove .venv/ and every cache

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN := .venv/bin
RUN := .venv/.ready-run
DEV := .venv/.ready-dev
SOURCES := src tests bench workshop

.PHONY: help setup demo test fix lock docs bench clean

help:
	@sed -n 's/^#   //p' Makefile

setup: $(RUN)

demo: $(RUN)
	@$(BIN)/ringwall demo

test: $(DEV)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2

fix: $(DEV)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: $(DEV)
	$(BIN)/python bench/help_time.py
	$(BIN)/python bench/check_time.py
	$(BIN)/python bench/pairs_time.py
	$(BIN)/python bench/reproof_time.py

docs: $(RUN)
	$(BIN)/python workshop/spec_reference.py

lock:
	@bash workshop/lock.sh

clean:
	rm -rf .venv .lock-venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is written last, so an interrupted set-up is taken up again; it is older than what it
# rests on exactly when that has changed.
$(RUN): requirements.lock pyproject.toml workshop/venv.sh
	@bash workshop/venv.sh requirements.lock
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml workshop/venv.sh
	@bash workshop/venv.sh requirements-dev.lock
	@touch $(RUN) $@
