# Linli. `make demo` and `make test` are all that a newcomer needs.
SHELL      := /bin/bash
GO         ?= go
VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS    := -s -w -X main.version=$(VERSION)
DATA       ?= demo-data
CAMERAS    ?= 4
FUZZTIME   ?= 20s
ARGS       ?=

.DEFAULT_GOAL := help
.PHONY: help demo build test test-go test-web test-browser check bench fuzz soak types generate clean FORCE

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## set up, build, and run the demo compound and the demo city; prints the address and the accounts
	@bin/linli demo --data $(DATA) --cameras $(CAMERAS) --city $(ARGS)

build: bin/linli ## bin/linli: one static binary with the web pages in it

bin/linli: web/dist/index.html FORCE
	@scripts/compile.sh $@ '$(GO)' -trimpath -ldflags '$(LDFLAGS)'

WEB_SOURCES := $(shell find web/console web/public -type f 2>/dev/null) $(wildcard web/*.ts web/*.json web/*.html)

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@echo "building the pages: less than a minute…"
	@cd web && npm run --silent build

web/node_modules/.installed: web/package-lock.json
	@echo "fetching what the pages are built with (about 100 MB from the npm registry): a minute or so…"
	@cd web && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed

test: ## install what the tests need and run all of them (Go with -race, web, real browser)
	@scripts/test.sh

test-go: web/dist/index.html ## Go tests with the race detector, on SQLite and on PostgreSQL
	@scripts/test-go.sh

test-web: web/node_modules/.installed ## unit tests of the pages
	@cd web && npm test --silent

test-browser: build ## the whole system in Chromium
	@scripts/need.sh test
	@scripts/test-browser.sh

check: web/node_modules/.installed ## format, vet, staticcheck, types, arrows, generated files
	@scripts/check.sh

generate: web/node_modules/.installed ## write the generated files anew: API types of the pages, the map in ARCHITECTURE.md
	@$(GO) run ./cmd/linli openapi > web/openapi.json.new && mv web/openapi.json.new web/openapi.json
	@cd web && npm run --silent types
	@$(GO) test . -run Map -update

# A score of accounts would be needed to open as many pictures as a measurement does. This program differs from the real one in that
# number alone, and is for nothing else.
bin/linli-bench: web/dist/index.html FORCE
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS) -X main.leasesPerAccount=2000' -o $@ ./cmd/linli

bench: build bin/linli-bench ## measure, and write docs/ref/performance.md
	@scripts/need.sh test
	@$(GO) run ./bench $(ARGS)

fuzz: ## every fuzz target for FUZZTIME each
	@scripts/fuzz.sh $(FUZZTIME)

soak: build ## the long loops in full, everything else beside them, and the browser stories again and again: hours
	@scripts/need.sh test
	@scripts/real-clip.sh >/dev/null
	@scripts/soak.sh

clean: ## remove what was built (never the data)
	@rm -rf bin web/node_modules
	@find web/dist -mindepth 1 ! -name .keep -delete
