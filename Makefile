# The two main commands are `make demo` and `make test`. `make help` prints the others.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/haweb
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# ansible-core needs a UTF-8 locale, which a bare machine may not have.
export LC_ALL := C.UTF-8

DEMO := demo
DEMO_LAB := $(CACHE)/lab/$(DEMO)
DEMO_VARS := -e lab_name=$(DEMO) -e '{"lab_secrets": ["haweb_heartbeat_secret"]}'

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# --- the machine -----------------------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/ready ## create a Python virtual environment in .venv that finds this collection

.venv/ready: requirements-dev.txt requirements-test.txt requirements.txt
	@echo "== Creating the virtual environment in .venv (about half a minute)"
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends python3-venv; }
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	# Ansible and Python both find this collection there: Ansible searches Python's path, too.
	mkdir -p .venv/collections/ansible_collections/haweb
	ln -sfn "$(CURDIR)" .venv/collections/ansible_collections/haweb/cluster
	echo "$(CURDIR)/.venv/collections" > "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/haweb.pth"
	touch $@

.PHONY: hooks
hooks: setup ## make git run the fast checks before each commit
	@pre-commit install

# --- the demo --------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## boot four virtual machines, build the cluster on them, show its state
	@echo "== 1/3 Booting the virtual machines (the first time builds their disk image: about two minutes)"
	ansible-playbook haweb.cluster.lab -i inventory $(DEMO_VARS)
	echo "== 2/3 Building the cluster: ansible-playbook site.yml -i $(DEMO_LAB)/inventory"
	ansible-playbook site.yml -i $(DEMO_LAB)/inventory
	echo "== 3/3 Showing its state: ansible-playbook haweb.cluster.operate.status -i $(DEMO_LAB)/inventory"
	ansible-playbook playbooks/operate/status.yml -i $(DEMO_LAB)/inventory
	$(DEMO_LAB)/lab ask http://192.168.0.105/ --for 2s
	active=$$(for node in loadb1 loadb2; do
		$(DEMO_LAB)/lab run $$node -- ip -oneline address show to 192.168.0.105 | grep -q . && echo $$node || true
	done)
	printf '%s\n' '' \
		'The cluster serves http://192.168.0.105/ inside the lab. Things to try:' '' \
		'  Send requests to the virtual address:' \
		'    $(DEMO_LAB)/lab ask http://192.168.0.105/ --for 5s' '' \
		'  Stop Apache on one web server, send requests again, and start it:' \
		'    $(DEMO_LAB)/lab run webserver1 -- systemctl stop apache2' \
		'    $(DEMO_LAB)/lab run webserver1 -- systemctl start apache2' '' \
		'  Cut the power of the active director while a client sends requests, then start it again:' \
		"    $(DEMO_LAB)/lab ask http://192.168.0.105/ --for 15s & sleep 3; $(DEMO_LAB)/lab power-cut $$active; wait" \
		"    $(DEMO_LAB)/lab power-on $$active" '' \
		'Active node:   ansible-playbook playbooks/operate/status.yml -i $(DEMO_LAB)/inventory' \
		'All commands:  $(DEMO_LAB)/lab --help' \
		'Remove it:     make demo-clean'

.PHONY: demo-clean
demo-clean: setup ## remove the demo: its machines, networks, files, and the cached disk images
	ansible-playbook haweb.cluster.lab_absent -i inventory $(DEMO_VARS) -e lab_purge_cache=true
	[ ! -d $(CACHE) ] || find $(CACHE) -depth -type d -empty -delete

# --- the tests -------------------------------------------------------------------------------------------------------

# The scenarios in containers mostly wait. Meanwhile the checks of the sources run, and then the labs that measure no
# times. What they need of apt and pip is installed before, because only one apt can run at a time.
.PHONY: test
test: setup ## run all linters, unit tests and scenarios
	@$(MAKE) .venv/bench $(ORACLE)/ready shellcheck browser
	echo "== Running the scenarios of single roles, and meanwhile the checks of the sources and the first labs (about 20 minutes)"
	$(MAKE) meanwhile &
	trap 'kill $$! 2>/dev/null || true' INT TERM
	roles=failed
	$(MAKE) roles && roles=passed
	# Also after a failure: its labs would outlive this run.
	wait $$!
	[ $$roles = passed ]
	echo "== Running the labs that need the machine for themselves (about 40 minutes)"
	python tools/scenarios.py lab --only alone

.PHONY: meanwhile
meanwhile: setup
	@$(MAKE) --jobs=2 --output-sync=target unit lint sanity
	python tools/scenarios.py lab --only beside-others

.PHONY: check
check: ## test a change in a few minutes: linters, unit tests, one role (S=NAME)
	@$(MAKE) .venv/bench $(ORACLE)/ready shellcheck
	$(MAKE) --jobs=2 --output-sync=target lint unit
	$(MAKE) roles S=$(or $(S),webserver)

.PHONY: shellcheck
shellcheck:
	@command -v shellcheck >/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends shellcheck; }

.PHONY: lint
lint: setup shellcheck ## run ansible-lint, yamllint, ruff, mypy, shellcheck, the changelog
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

# ldirectord's own parser checks the files that the renderer writes. The packages are unpacked, not installed.
ORACLE := $(CACHE)/oracle
ORACLE_PACKAGES := ldirectord libclone-perl libencode-locale-perl libhtml-parser-perl libhttp-cookies-perl \
	libhttp-date-perl libhttp-message-perl libio-html-perl libio-socket-inet6-perl liblwp-mediatypes-perl \
	libmailtools-perl libmodule-runtime-perl libnet-dns-perl libnet-http-perl libsocket6-perl libtimedate-perl \
	libtry-tiny-perl liburi-perl libwww-perl

ASK_LDIRECTORD := export HAWEB_LDIRECTORD=$(ORACLE)/usr/sbin/ldirectord \
	PERL5LIB=$$(printf '%s:' $(ORACLE)/usr/share/perl5 $(ORACLE)/usr/lib/*/perl5/*)

$(ORACLE)/ready:
	@echo "== Unpacking ldirectord, which checks the files of the renderer (seconds)"
	rm -rf $(ORACLE)
	mkdir -p $(ORACLE)
	cd $(ORACLE)
	apt-get update -q
	apt-get download -q $(ORACLE_PACKAGES)
	for package in *.deb; do dpkg-deb -x "$$package" .; done
	touch $@

.PHONY: unit
unit: .venv/bench $(ORACLE)/ready ## run the unit tests of the plugins and roles, and the install test
	@$(ASK_LDIRECTORD)
	pytest --cov --numprocesses=2 --dist=loadfile

.PHONY: cores
cores: setup $(ORACLE)/ready ## run sanity, unit tests, install test and a role with each supported ansible-core: CORE=SERIES
	@$(ASK_LDIRECTORD)
	tools/docker-engine python tools/cores.py $(CORE)

.PHONY: sanity
sanity: setup ## run ansible-test sanity
	@tools/sanity

.PHONY: molecule
molecule: setup ## run all scenarios, or one: S=NAME
	@targets=$$(python tools/scenarios.py where $(S))
	$(MAKE) $$targets

.PHONY: roles
roles: setup ## test each role alone in containers, on Debian 12 and 13: S=NAME
	@python tools/scenarios.py roles $(S)

.PHONY: mutations
mutations: setup ## break each role, and check that its scenario in containers fails: S=NAME
	@tools/docker-engine python tools/mutations.py $(S)

.PHONY: browser
browser:
	@test -e /usr/bin/chromium && exit 0
	echo "== Installing Debian's Chromium, which the tests of sessions use (seconds)"
	apt-get update -q
	apt-get install -qy --no-install-recommends chromium

.PHONY: lab
lab: setup browser ## test the cluster on real kernels, with power cuts: S=NAME
	@python tools/scenarios.py lab $(S)

.PHONY: storm
storm: setup ## cause random faults on real kernels: SEED=NUMBER FAULTS=NUMBER ACTIVE=both
	@python tools/scenarios.py storm $(SEED:%=--seed=%) $(FAULTS:%=--faults=%) $(ACTIVE:%=--active=%)

# --- the benchmark ---------------------------------------------------------------------------------------------------

BENCH_LAB := $(CACHE)/lab/bench
BENCH := build/bench
# A part that measures only some systems does not need the machines of the others.
BENCH_LIMIT = $(SYSTEMS:%=--limit webservers,%)

.venv/bench: .venv/ready requirements-bench.txt
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-bench.txt
	touch $@

.PHONY: bench
bench: .venv/bench ## compare it with other systems, four hours: PART=NAME ROUNDS=NUMBER SYSTEMS=NAME,NAME
	@command -v wrk >/dev/null || { apt-get update -q; apt-get install -qy --no-install-recommends wrk; }
	echo "== 1/3 Booting sixteen virtual machines, unless SYSTEMS names fewer (the first time builds their disk image: about two minutes)"
	ansible-playbook haweb.cluster.lab -i bench/inventory -e lab_name=bench $(BENCH_LIMIT)
	echo "== 2/3 Building seven systems on them: this collection, the tutorial, and others (about five minutes)"
	ansible-playbook bench/build.yml -i $(BENCH_LAB)/inventory $(BENCH_LIMIT)
	echo "== 3/3 Measuring; the samples are in $(BENCH)/results.json"
	export PYTHONPATH=tests
	python bench/measure.py $(BENCH_LAB) $(BENCH)/results.json $(PART:%=--part %) $(ROUNDS:%=--rounds %)
	python bench/report.py $(BENCH)/results.json $(BENCH)
	echo "== The report is $(BENCH)/report.md; a plot is beside it. Remove the machines: make bench-clean"

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

# Galaxy shows README, too, so its links are absolute.
BLOB := https://github.com/haweb/haweb.cluster/blob/main

.PHONY: docs
docs: .venv/docs ## build the documentation site in build/docs
	@rm -rf build/docs
	mkdir -p -m 0755 build/docs/source/collection
	cp -r docs/* build/docs/source
	sed -E -e 's,$(BLOB)/docs/,,; s,$(BLOB)/roles/([a-z_]+)/README\.md,collection/\1_role.rst,' \
		-e '/^## Use it on real machines/e cat docs/index.md' README.md > build/docs/source/index.md
	antsibull-docs collection --use-current --squash-hierarchy --dest-dir build/docs/source/collection haweb.cluster
	sphinx-build -q -W --keep-going build/docs/source build/docs/site
	echo "== Open build/docs/site/index.html"

.PHONY: clean
clean: ## remove the virtual environment and all files that the tests have left
	rm -rf .venv .ansible build .hypothesis .mypy_cache .pytest_cache .ruff_cache collections
