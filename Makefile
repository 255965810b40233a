# Everything needs Go only; the tools are pinned in go.mod. The race detector wants a C compiler as well.
GO      ?= go
CC_HERE := $(shell command -v $$($(GO) env CC) 2>/dev/null)
RACE    := $(if $(CC_HERE),-race,)
# Tests of processes and terminals wait most of their time: they begin first, and with one package more at a time than there are
# processors.
WAITING := ./tui/program ./tui/cli
ATONCE  := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null) || n=2; echo $$((n + 1)))

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## play: three servers, a viewservice and two clients in this terminal
	@./splitbrain

.PHONY: build
build: ## the program, as ./splitbrain
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o splitbrain .

.PHONY: test
test: ## all tests, quickly
	$(GO) test ./...

.PHONY: lint
lint: ## formatting, vet, staticcheck, and whether all compiles on a system of each kind
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) run ./tui/cli/dist check

.PHONY: check
check: lint ## what must pass before a change lands: lint and all tests with the race detector
	@[ -n "$(RACE)" ] || echo "no C compiler: the tests run without the race detector"
	$(GO) test $(RACE) -p $(ATONCE) -shuffle=on -timeout 20m $(WAITING) ./...
	@[ -z "$(RACE)" ] || $(GO) test -shuffle=on ./netsim/search ./netsim/history ./netsim/world ./pbservice # whole searches and long histories, which the race detector makes ten times slower

.PHONY: dist
dist: ## archives for every system, with manual pages, completions, licences and checksums, as dist/
	$(GO) run ./tui/cli/dist

.PHONY: bench
bench: ## speed, each figure beside the limit of the same run
	$(GO) test -run '^$$' -bench . -benchtime=1x -timeout 30m ./tui/program ./netsim/cluster
	$(GO) test -run '^$$' -bench . ./netsim ./netsim/world ./netsim/sim ./netsim/search ./netsim/history ./tui

.PHONY: soak
soak: build ## hours: 10,000 random campaigns, searches of 10 minutes each, 100,000 keys and clicks, 300,000 strangers, all lessons live, 32 bits
	GOARCH=386 CGO_ENABLED=0 $(GO) test ./netsim ./netsim/world ./netsim/sim ./netsim/engine/... ./pbservice/... ./viewservice/... ./tui/pane
	./splitbrain run --live $$(./splitbrain lessons --json | sed 's/.*"name":"\([^"]*\)".*/\1/')
	SPLITBRAIN_STRANGERS=300000 $(GO) test -run '^TestStrangers' -count=1 -timeout 2h ./tui/cli
	SPLITBRAIN_SOAK=100000 $(GO) test -run '^TestMonkey' -count=1 -timeout 2h ./tui
	SPLITBRAIN_MOMENTS=1000000 $(GO) test -run '^TestNoLies' -count=1 -timeout 2h ./netsim/engine
	SPLITBRAIN_SEARCH=10m $(GO) test -run '^TestSoak' -count=1 -timeout 4h ./netsim/search
	SPLITBRAIN_SEEDS=10000 $(GO) test -run '^TestCampaign' -count=1 -timeout 12h ./netsim/cluster

.PHONY: demo
demo: build ## the pictures of the README, and a recording of a lesson as docs/demo/primary-dies.cast
	./splitbrain run --size 80x24 --picture docs/demo/failover.svg docs/demo/failover.sb
	./splitbrain run --size 100x28 --keys '] ]' --picture docs/demo/messages.svg docs/demo/messages.sb
	./splitbrain run --size 100x28 --keys '] ] ] ] ] ]' --picture docs/demo/violation.svg docs/demo/violation.sb
	./splitbrain run --size 100x30 --cast docs/demo/primary-dies.cast primary-dies

EACH ?= 60s
.PHONY: mutants
mutants: ## hours: small mistakes in the cores, and what finds each (EACH=60s for each search, MUTANT=S7 chooses, BY=walks SEED=2, BY=fine)
	SPLITBRAIN_MUTANTS=$(EACH) SPLITBRAIN_MUTANT='$(MUTANT)' SPLITBRAIN_BY=$(BY) SPLITBRAIN_SEED=$(SEED) $(GO) test -run '^TestMutants$$' -v -count=1 -timeout 24h ./netsim/search

FUZZTIME ?= 60s
.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (60s)
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package || exit 1; \
	  done; \
	done
