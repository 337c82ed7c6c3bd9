# Thin entry points; what they do is in scripts/, see scripts/README.md.
SHELL := /bin/bash
PYTHON ?= python3
ONLY ?=
ARGS ?=
export CODE ?=
export NAME ?=

.PHONY: help setup run test test-fast lint format bench soak odoo pot new-network wheel stop clean distclean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

setup: ## download and prepare everything (the others do so by themselves)
	@$(PYTHON) scripts/setup.py

run: ## Odoo with demo data and a real fediverse server; PORT=8069 REAL=bluesky
	@$(PYTHON) scripts/run.py

test: ## all tests; ONLY=/helpdesk_social:TestX for some of Odoo's
	@$(PYTHON) scripts/test.py $(if $(ONLY),--only '$(ONLY)')

test-fast: ## the tests without a database
	@$(PYTHON) scripts/test.py --stage pure

lint: ## ruff and pylint-odoo
	@$(PYTHON) scripts/lint.py

format: ## let ruff format and fix what it can
	@$(PYTHON) scripts/lint.py --fix

bench: ## measure, one table; ARGS="--only intake,webhook"
	@$(PYTHON) scripts/bench.py $(ARGS)

soak: ## random crashes on a durable database server; ARGS="--kills 10"
	@$(PYTHON) scripts/soak.py $(ARGS)

odoo: ## Odoo's command line: make odoo ARGS='shell -d mine'
	@scripts/odoo $(ARGS)

pot: ## export the terms to translate
	@$(PYTHON) scripts/pot.py

new-network: ## begin a network: CODE=acme NAME="Acme Social"
	@$(PYTHON) scripts/new_network.py "$$CODE" $(if $(NAME),--name "$$NAME")

wheel: ## build the Python package into dist/; ARGS=--check tries it out
	@$(PYTHON) scripts/wheel.py $(ARGS)

stop: ## stop what this checkout left running
	@$(PYTHON) scripts/stop.py

clean: ## stop, and remove .work (databases, logs)
	@$(PYTHON) scripts/stop.py --clean

distclean: ## clean, and remove this user's downloads
	@$(PYTHON) scripts/stop.py --distclean
