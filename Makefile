# Every command of the project. The longer ones are scripts in .ci/.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run build test dev check audit e2e simulate mutants processes servers size memory bench compare instant lists growth first-release screenshots

help: ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /make \1|/p' Makefile | column -t -s '|'

run: build ## build, fill a demo market and serve it on http://127.0.0.1:3000
	@.ci/serve

build: ## the release build, after which target/release/ligisoo serve works
	@.ci/install build
	@.ci/build

test: ## everything: format, lints, tests on both databases, browser tests, sizes
	@.ci/test

dev: ## serve, and build again at each change
	@.ci/install build
	@SEED_DEMO=true .ci/with-tools cargo leptos watch -- serve

check: ## format, lints for the server and the browser, licences of dependencies, links of the documentation
	@.ci/install check
	@.ci/check

audit: ## known vulnerabilities in the dependencies, from the network's newest list
	@.ci/install audit
	@.ci/with-tools cargo deny check advisories

e2e: build ## browser tests against the release build; ARGS="pay.spec.ts" for some
	@.ci/install browser
	@.ci/e2e $(ARGS)

simulate: ## the payment engine under a seeded scheduler; SEEDS=0..1000 ENGINE=sqlite|postgres JOBS=2
	@.ci/install check
	@.ci/simulate

mutants: ## break the engine on purpose and see that the simulation notices
	@.ci/install check
	@.ci/mutants

processes: build ## kill the server while people pay, on both databases, and count the money afterwards
	@.ci/install databases
	@.ci/processes

servers: build ## kill and stop servers behind nginx, and fail the database over, while people pay
	@.ci/install servers
	@.ci/servers

size: build ## what every page weighs, against its limits
	@.ci/install browser
	@node end2end/size.mjs

memory: build ## how much memory the server takes at rest and while pictures are prepared, against its limits
	@.ci/install build
	@node end2end/memory.mjs

bench: build ## how many callbacks and pages a second, each beside the best that could be had, and in how much memory
	@.ci/install bench
	@cargo build --quiet --release --example bare
	@node end2end/bench.mjs

compare: build ## callbacks and tip pages of this tree beside an earlier one's, in turns: BASE=dc27375
	@.ci/install bench
	@.ci/compare "$(BASE)"

instant: build ## how soon an open page says "Paid" after a payment was settled, in Chromium
	@.ci/install browser
	@node end2end/instant.mjs

lists: build ## how fast lists are with 10,000 tips and 100,000 sales, on both databases
	@.ci/install bench
	@.ci/install databases
	@.ci/lists

growth: build ## pages and commands with a hundred times the sales, on both databases; BUYERS=100000 PAYMENTS=1000000 for all of it
	@.ci/install databases
	@.ci/growth

first-release: ## make the fixture of the first release again, with the program of then: REVISION=dc27375
	@.ci/install faketime
	@.ci/first-release "$(REVISION)"

screenshots: build ## every page at two widths, light and dark, and in Swahili, into end2end/screenshots
	@.ci/install browser
	@.ci/screenshots
