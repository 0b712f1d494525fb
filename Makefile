# sobolev-mini: read, test and build the book. GNU make and POSIX sh; `make` alone lists the targets.
# PYTHON=/path/to/python3.12 chooses the interpreter that .venv is made from.
VENV := .venv
PY   := $(VENV)/bin/python
# .venv/complete is written last and holds what was installed, and where: no such file, no whole .venv
KEY  := { pwd -P; cat requirements.txt pyproject.toml; }
# an environment of its own for the paper's simulator, which pins packages of another time
RW   := .venv-rewarped
RKEY := { pwd -P; cat requirements.txt requirements-rewarped.txt; }
WANT := import sys; sys.exit(sys.version_info < (3, 11))
# a word of the command line as the shell takes it to the letter: names hold spaces, quotes and dollar signs
letter = '$(subst ','\'',$(value $(1)))'
# two makes at once take turns; the lock of one that was killed counts no more
TURN := lock=.make.lock; until (set -C; echo $$$$ > $$lock) 2>/dev/null; do \
	holder=$$(cat $$lock 2>/dev/null); [ -z "$$holder" ] || kill -0 "$$holder" 2>/dev/null || rm -f $$lock; \
	sleep 1; done; trap 'rm -f .make.lock' EXIT; trap 'exit 130' HUP INT TERM;

BOOK := _config.yml _toc.yml $(shell find book notebooks sobolev_mini -type f \
	-not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*' 2>/dev/null)
PAGE := _build/html/index.html
PDF  := _build/html/sobolev-mini.pdf
EPUB := _build/html/sobolev-mini.epub

# MuJoCo's WebAssembly, which the page of chapter 09 loads on a click
EXPLORERS := book/sobolev_book/explorers
LIGHTHOUSE := _build/lighthouse
NPM := _build/npm/node_modules/.package-lock.json

# one thread a process: printed numbers do not depend on the machine's cores
export OMP_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help doctor setup mujoco book pdf epub serve lighthouse test test-all lint notebooks hero table1 explorers assignments grade test-grading rewarped floors latest times audit site-audit bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

doctor:  ## say what is wrong with this set-up, and the command that mends it; needs no .venv
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if $$python -c '' 2>/dev/null; then exec $$python tests/doctor; fi; \
	done; echo "doctor: no Python runs here (Debian: sudo apt install python3 python3-venv)" >&2; exit 1

setup:  ## make .venv with the pinned packages (the other targets call it)
	@made() { $(PY) -c '' 2>/dev/null && $(KEY) | cmp -s - $(VENV)/complete; }; \
	if made; then exit 0; fi; $(TURN) if made; then exit 0; fi; set -e; \
	if ! $(PY) -c '' 2>/dev/null || [ "$$(head -n 1 $(VENV)/complete 2>/dev/null)" != "$$(pwd -P)" ]; then \
		found=; chosen=; \
		for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
			found="$$found$$($$python -V 2>/dev/null | sed "s|^|$$python is |;s|\$$|. |")"; \
			if $$python -c '$(WANT)' 2>/dev/null; then chosen=$$python; break; fi; \
		done; \
		if [ -z "$$chosen" ]; then \
			echo "make: Python 3.11 or later is wanted. Found: $${found:-none.}" >&2; \
			echo "make: name one with PYTHON=/path/to/python3" >&2; exit 1; \
		fi; \
		echo "making $(VENV) with $$chosen"; rm -rf $(VENV); $$chosen -m venv $(VENV); \
	fi; \
	rm -f $(VENV)/complete; \
	$(PY) -m pip install "$$(grep '^torch==' requirements.txt)"; \
	$(PY) -m pip install -r requirements.txt; \
	$(PY) -m pip install --no-deps --no-build-isolation -e .; \
	$(KEY) > $(VENV)/complete.part; mv $(VENV)/complete.part $(VENV)/complete

mujoco:  ## take MuJoCo's WebAssembly from npm, once; where that fails the book's Ant does not walk in the page
	@if [ -e $(NPM) ] && cmp -s $(EXPLORERS)/package-lock.json _build/npm/package-lock.json; then exit 0; fi; \
	mkdir -p _build/npm; cp $(EXPLORERS)/package.json $(EXPLORERS)/package-lock.json _build/npm; \
	if (cd _build/npm && npm ci --ignore-scripts --no-audit --no-fund); then rm -f _build/complete; else \
		rm -f $(NPM); echo "make: npm brought no MuJoCo: the book's Ant does not walk in the page" >&2; fi

book: setup mujoco  ## build the book, warnings are errors; the last line says which file to open
	@$(TURN) $(MAKE) -s _build/complete
	@printf 'The book is built. Open %s\n' $(call letter,CURDIR)/$(PAGE)

# always whole, so that no warning hides in a page that was not built again; skipped when nothing changed
_build/complete: $(BOOK) $(VENV)/complete
	rm -rf _build/html _build/.doctrees $@
	$(VENV)/bin/jupyter-book build . -q -W --keep-going
	@touch $@

pdf: book  ## print the whole book into one file, with Chromium
	@$(TURN) $(MAKE) -s $(PDF)
	@printf 'The book is printed. Open %s\n' $(call letter,CURDIR)/$(PDF)

epub: book  ## make the whole book one file for e-readers
	@$(TURN) $(MAKE) -s $(EPUB)
	@printf 'The book is packed. Open %s\n' $(call letter,CURDIR)/$(EPUB)

$(EPUB): _build/complete
	$(PY) book/_print/epub.py _build/html

$(PDF): _build/complete
	$(PY) book/_print/pdf.py _build/html

lighthouse: book  ## judge every page as Lighthouse does, for a phone: _build/lighthouse.json (PAGES=pattern: some again)
	@command -v npm > /dev/null && command -v node > /dev/null || { \
		echo "make: lighthouse wants Node.js, 18.20 or later, and npm (Debian: apt install nodejs npm)" >&2; exit 2; }
	@if ! cmp -s tests/lighthouse/package-lock.json $(LIGHTHOUSE)/installed; then \
		mkdir -p $(LIGHTHOUSE); cp tests/lighthouse/package*.json $(LIGHTHOUSE); \
		(cd $(LIGHTHOUSE) && npm ci --ignore-scripts --no-audit --no-fund) || { \
			echo "make: npm brought no Lighthouse: it wants the network once" >&2; exit 2; }; \
		cp tests/lighthouse/package-lock.json $(LIGHTHOUSE)/installed; fi
	@cp tests/lighthouse/lighthouse.mjs $(LIGHTHOUSE)
	@node $(LIGHTHOUSE)/lighthouse.mjs $(call letter,CURDIR)/_build/html \
		"$$(sed -n 's|^ *baseurl: https*://[^/]*||p' _config.yml)" _build/lighthouse.json $(call letter,PAGES)

serve: book  ## build, then show the book on 127.0.0.1:8000 (PORT=... for another port)
	$(PY) -m http.server --bind 127.0.0.1 --directory _build/html $(or $(PORT),8000)

test: lint mujoco  ## lint, then every test: both packages, the wheel, notebooks, built book
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: test  ## nightly, hours: also every chapter from the wheel and as other processors round, records made again
	$(PY) -m pytest -n 2 --dist worksteal tests/nightly

lint: setup  ## ruff over code and notebooks
	$(PY) -m ruff check .

notebooks: setup  ## run every chapter again, in place
	$(PY) notebooks/refresh.py

hero: setup  ## train two critics and draw the picture of the README again
	$(PY) -c "from sobolev_book.figures.runs import save_hero; save_hero('book/assets/hero.png')"

table1: setup  ## run Table 1 again, 20 seeds, one thread: book/results/table1*.csv
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(PY) -m sobolev_book table1

explorers: setup  ## draw again what the explorers show without JavaScript, and the lab's table (wants Node.js)
	$(PY) -m sobolev_book.explorers.margins
	for name in footprints agent backup stretch optimum plane lab hero; do \
		node book/sobolev_book/explorers/still.mjs $$name > book/sobolev_book/explorers/stills/$$name.html || exit 1; done

# TERM is the terminal's name too in many shells, so only the command line counts
TERM_GIVEN = @[ "$(origin TERM)" = "command line" ] || { echo "make: name a term: make $@ TERM=2027-spring" >&2; exit 2; }

assignments: setup  ## make a term's sheets, autograders and solutions: TERM=2027-spring
	$(TERM_GIVEN)
	@$(TURN) $(PY) notebooks/assignments/make.py $(call letter,TERM) --out _build/assignments

grade: setup  ## grade a folder of notebooks: TERM=2027-spring SUBMISSIONS=folder
	$(TERM_GIVEN)
	@folder=$(call letter,SUBMISSIONS); case "$$folder" in '~'/*) folder="$$HOME/$${folder#??}";; esac; \
	[ -d "$$folder" ] || { echo "make: name a folder of notebooks: SUBMISSIONS=folder" >&2; exit 2; }; \
	made() { [ -d _build/assignments/$(call letter,TERM) ]; }; \
	made || ( $(TURN) made || $(PY) notebooks/assignments/make.py $(call letter,TERM) --out _build/assignments ) || exit; \
	PYTHONPATH=notebooks/assignments $(PY) -m grading --autograders _build/assignments/$(call letter,TERM) \
		--submissions "$$folder" --out _build/marks/$(call letter,TERM) $(GRADE)

test-grading: setup  ## every kind of hostile submission, not only the quick ones
	HOSTILE=all $(PY) -m pytest -n 2 --dist loadfile tests/course

rewarped:  ## make .venv-rewarped with the paper's simulator, and test our environment on it
	@if ! $(RKEY) | cmp -s - $(RW)/complete; then set -e; \
		rm -rf $(RW); $(or $(PYTHON),python3) -m venv $(RW); \
		$(RW)/bin/python -m pip install "$$(grep '^torch==' requirements.txt)"; \
		$(RW)/bin/python -m pip install -r requirements-rewarped.txt; \
		$(RKEY) > $(RW)/complete.part; mv $(RW)/complete.part $(RW)/complete; \
	fi
	$(RW)/bin/python -m pytest -o addopts= --noconftest tests/book/test_rewarped.py

floors:  ## test with the lowest versions that pyproject.toml promises, in .venv-floors
	$(or $(PYTHON),python3) tests/versions.py lowest .venv-floors

latest:  ## test with the newest versions there are, in .venv-latest
	$(or $(PYTHON),python3) tests/versions.py newest .venv-latest

times: setup mujoco  ## measure minutes and memory of every notebook, and write the book's page of run times
	$(PY) tests/times.py

audit: setup  ## hold workflows and forms against their schemas, look pins up in the database of weaknesses (wants a network)
	$(PY) tests/audit.py

site-audit: book  ## a table of what the site promises, measured; reads what pdf, lighthouse, times and audit left
	$(PY) tests/site_audit.py

bench: setup  ## measure speed against the budgets
	TEST_THREADS=2 $(PY) -m pytest tests/bench -s

clean:  ## remove what was built, not .venv
	rm -rf _build build .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name $(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
