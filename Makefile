# Two commands do all: `make demo` and `make test`. `make help` prints the others.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/haweb
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# ansible-core wants a UTF-8 locale, which a bare machine may not have set.
export LC_ALL := C.UTF-8

DEMO := demo
DEMO_LAB := $(CACHE)/lab/$(DEMO)
DEMO_VARS := -e lab_name=$(DEMO) -e '{"lab_secrets": ["haweb_heartbeat_secret"]}'

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# --- the machine -----------------------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/ready ## make a Python virtual environment in .venv that knows this collection

.venv/ready: requirements-dev.txt requirements-test.txt requirements.txt
	@echo "== Making the virtual environment in .venv (about half a minute)"
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends python3-venv; }
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	# Where both Ansible and Python find this collection: Ansible looks for collections on Python's path too.
	mkdir -p .venv/collections/ansible_collections/haweb
	ln -sfn "$(CURDIR)" .venv/collections/ansible_collections/haweb/cluster
	echo "$(CURDIR)/.venv/collections" > "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/haweb.pth"
	touch $@

.PHONY: hooks
hooks: setup ## let git run what is instant before each commit
	@pre-commit install

# --- the demo --------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## boot four virtual machines, build the cluster on them, show it
	@echo "== 1/3 Booting the virtual machines (the first time builds their disk image: about two minutes)"
	ansible-playbook haweb.cluster.lab -i inventory $(DEMO_VARS)
	echo "== 2/3 Building the cluster: ansible-playbook site.yml -i $(DEMO_LAB)/inventory"
	ansible-playbook site.yml -i $(DEMO_LAB)/inventory
	echo "== 3/3 Looking at it: ansible-playbook haweb.cluster.operate.status -i $(DEMO_LAB)/inventory"
	ansible-playbook playbooks/operate/status.yml -i $(DEMO_LAB)/inventory
	$(DEMO_LAB)/lab ask http://192.168.0.105/ --for 2s
	active=$$(for node in loadb1 loadb2; do
		$(DEMO_LAB)/lab run $$node -- ip -oneline address show to 192.168.0.105 | grep -q . && echo $$node || true
	done)
	printf '%s\n' '' \
		'The cluster serves http://192.168.0.105/ inside of the lab. Things to try:' '' \
		'  Ask the virtual address a few times:' \
		'    $(DEMO_LAB)/lab ask http://192.168.0.105/ --for 5s' '' \
		'  Stop Apache on one web server, ask again, and start it:' \
		'    $(DEMO_LAB)/lab run webserver1 -- systemctl stop apache2' \
		'    $(DEMO_LAB)/lab run webserver1 -- systemctl start apache2' '' \
		'  Cut the power of the active director while a client asks, then switch it on again:' \
		"    $(DEMO_LAB)/lab ask http://192.168.0.105/ --for 15s & sleep 3; $(DEMO_LAB)/lab power-cut $$active; wait" \
		"    $(DEMO_LAB)/lab power-on $$active" '' \
		'Who is active: ansible-playbook playbooks/operate/status.yml -i $(DEMO_LAB)/inventory' \
		'All commands:  $(DEMO_LAB)/lab --help' \
		'The end:       make demo-clean'

.PHONY: demo-clean
demo-clean: setup ## remove the demo: its machines, networks, files, and the cached disk images
	ansible-playbook haweb.cluster.lab_absent -i inventory $(DEMO_VARS) -e lab_purge_cache=true
	[ ! -d $(CACHE) ] || find $(CACHE) -depth -type d -empty -delete

# --- the tests -------------------------------------------------------------------------------------------------------

# The checks of the sources, which use the processors, run beside the scenarios in containers, which wait a good deal.
# What they need of apt and pip comes before: apt lets in one at a time.
.PHONY: test
test: setup ## all linters, unit tests and scenarios
	@$(MAKE) .venv/bench $(ORACLE)/ready shellcheck
	echo "== Running the linters, the unit tests and ansible-test sanity, and the scenarios of single roles (about 12 minutes)"
	$(MAKE) --jobs=3 --output-sync=target lint unit sanity &
	trap 'kill $$! 2>/dev/null || true' EXIT
	$(MAKE) roles
	wait $$!
	echo "== Running the scenarios in the lab (about 50 minutes)"
	$(MAKE) lab

.PHONY: check
check: ## what a desk runs before a commit is shown to others: minutes
	@$(MAKE) lint unit
	$(MAKE) roles S=$(or $(S),webserver)

.PHONY: shellcheck
shellcheck:
	@command -v shellcheck >/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends shellcheck; }

.PHONY: lint
lint: setup shellcheck ## ansible-lint, yamllint, ruff, mypy, shellcheck, the changelog
	yamllint --strict --config-file .config/yamllint.yml .
	ruff check .
	ruff format --check .
	mypy
	shellcheck roles/director/files/LVSSyncDaemonSwap roles/director/files/haweb-marks \
		$$(find roles/heartbeat/files/ha.d -type f) roles/lab/files/recipe roles/lab/files/newer_kernel \
		tools/core tools/docker-engine tools/in-debian tools/sanity
	antsibull-changelog lint
	antsibull-docs lint-collection-docs --plugin-docs .
	ansible-lint --offline --config-file .config/ansible-lint.yml

# What the renderer writes is judged by ldirectord's own parser. The packages are unpacked, not installed.
ORACLE := $(CACHE)/oracle
ORACLE_PACKAGES := ldirectord libclone-perl libencode-locale-perl libhtml-parser-perl libhttp-cookies-perl \
	libhttp-date-perl libhttp-message-perl libio-html-perl libio-socket-inet6-perl liblwp-mediatypes-perl \
	libmailtools-perl libmodule-runtime-perl libnet-dns-perl libnet-http-perl libsocket6-perl libtimedate-perl \
	libtry-tiny-perl liburi-perl libwww-perl

ASK_LDIRECTORD := export HAWEB_LDIRECTORD=$(ORACLE)/usr/sbin/ldirectord \
	PERL5LIB=$$(printf '%s:' $(ORACLE)/usr/share/perl5 $(ORACLE)/usr/lib/*/perl5/*)

$(ORACLE)/ready:
	@echo "== Unpacking ldirectord, which judges what the renderer writes (seconds)"
	rm -rf $(ORACLE)
	mkdir -p $(ORACLE)
	cd $(ORACLE)
	apt-get update -q
	apt-get download -q $(ORACLE_PACKAGES)
	for package in *.deb; do dpkg-deb -x "$$package" .; done
	touch $@

.PHONY: unit
unit: .venv/bench $(ORACLE)/ready ## the unit tests of the plugins and roles, and the install test
	@$(ASK_LDIRECTORD)
	pytest --cov

.PHONY: cores
cores: setup $(ORACLE)/ready ## sanity, unit tests, install test and a role under each supported ansible-core: CORE=SERIES
	@$(ASK_LDIRECTORD)
	tools/docker-engine python tools/cores.py $(CORE)

.PHONY: sanity
sanity: setup ## ansible-test sanity
	@tools/sanity

.PHONY: molecule
molecule: setup ## all scenarios; S=NAME runs that one
	@targets=$$(python tools/scenarios.py where $(S))
	$(MAKE) $$targets

.PHONY: roles
roles: setup ## each role alone in containers, on Debian 12 and 13: S=NAME
	@python tools/scenarios.py roles $(S)

.PHONY: mutations
mutations: setup ## break each role, and see that its scenario in containers fails: S=NAME
	@tools/docker-engine python tools/mutations.py $(S)

.PHONY: browser
browser:
	@test -e /usr/bin/chromium && exit 0
	echo "== Installing Chromium from Debian, with which the tests of sessions log in to an application (seconds)"
	apt-get update -q
	apt-get install -qy --no-install-recommends chromium

.PHONY: lab
lab: setup browser ## the cluster on real kernels, with power cuts: S=NAME
	@python tools/scenarios.py lab $(S)

.PHONY: storm
storm: setup ## faults at random on real kernels: SEED=NUMBER FAULTS=NUMBER ACTIVE=both
	@python tools/scenarios.py storm $(SEED:%=--seed=%) $(FAULTS:%=--faults=%) $(ACTIVE:%=--active=%)

# --- the benchmark ---------------------------------------------------------------------------------------------------

BENCH_LAB := $(CACHE)/lab/bench
BENCH := build/bench
# A part that measures few systems needs no machines of the others.
BENCH_LIMIT = $(SYSTEMS:%=--limit webservers,%)

.venv/bench: .venv/ready requirements-bench.txt
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-bench.txt
	touch $@

.PHONY: bench
bench: .venv/bench ## measure it beside what people use instead, four hours: PART=NAME ROUNDS=NUMBER SYSTEMS=NAME,NAME
	@command -v wrk >/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends wrk; }
	echo "== 1/3 Booting sixteen virtual machines, unless SYSTEMS names fewer (the first time builds their disk image: about two minutes)"
	ansible-playbook haweb.cluster.lab -i bench/inventory -e lab_name=bench $(BENCH_LIMIT)
	echo "== 2/3 Building seven systems on them: ours, as in the tutorial, and what people use instead (about five minutes)"
	ansible-playbook bench/build.yml -i $(BENCH_LAB)/inventory $(BENCH_LIMIT)
	echo "== 3/3 Measuring; the samples are in $(BENCH)/results.json"
	export PYTHONPATH=tests
	python bench/measure.py $(BENCH_LAB) $(BENCH)/results.json $(PART:%=--part %) $(ROUNDS:%=--rounds %)
	python bench/report.py $(BENCH)/results.json $(BENCH)
	echo "== That was $(BENCH)/report.md; a plot is beside it. The end: make bench-clean"

.PHONY: bench-clean
bench-clean: setup ## remove the benchmark's machines
	ansible-playbook haweb.cluster.lab_absent -i bench/inventory -e lab_name=bench

# --- the documentation -----------------------------------------------------------------------------------------------

.PHONY: readmes
readmes: setup ## update the tables in README, the roles' READMEs and docs/inventory.md
	@python tools/readmes.py

.venv/docs: .venv/ready requirements-docs.txt
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-docs.txt
	touch $@

# README is read on Galaxy too, so that its links are absolute.
BLOB := https://github.com/haweb/haweb.cluster/blob/main

.PHONY: docs
docs: .venv/docs ## the documentation as a site, in build/docs
	@rm -rf build/docs
	mkdir -p -m 0755 build/docs/source/collection
	cp -r docs/* build/docs/source
	{ sed -E 's,$(BLOB)/docs/,,; s,$(BLOB)/roles/([a-z_]+)/README\.md,collection/\1_role.rst,' README.md
		echo; cat docs/index.md; } > build/docs/source/index.md
	antsibull-docs collection --use-current --squash-hierarchy --dest-dir build/docs/source/collection haweb.cluster
	sphinx-build -q -W --keep-going build/docs/source build/docs/site
	echo "== Open build/docs/site/index.html"

.PHONY: clean
clean: ## remove the virtual environment and what the tests left
	rm -rf .venv .ansible build .hypothesis .mypy_cache .pytest_cache .ruff_cache collections
