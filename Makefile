# SPDX-License-Identifier: Apache-2.0 OR MIT
# The door: one line a target, onto the binary or a script. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

COSIM := scripts/ims-cosim
PICK := $(if $(TEST),--test '$(TEST)') $(if $(SEED),--seed $(SEED)) $(if $(RESET_SEED),--reset-seed $(RESET_SEED)) $(if $(DUT),--dut $(DUT)) \
	$(if $(WIDTH),--width $(WIDTH)) $(if $(PARAM),--param '$(PARAM)') $(if $(QUIRK),--quirk '$(QUIRK)') $(if $(RTL),--rtl '$(RTL)')
HOW := $(if $(JOBS),--jobs $(JOBS)) $(if $(OUT),--out '$(OUT)') $(if $(TIMEOUT),--timeout $(TIMEOUT))
SIZE := $(if $(SCALE),--scale $(SCALE))

.PHONY: setup sim topology test replay waves lint figure figures mutants planted formal synth close search cov regress docs clean help
setup: ## bring what is missing on this machine
	@scripts/setup $(filter golden,$(DUT))
sim: setup ## run the bench: TEST=pattern SEED=n JOBS=n DUT=rtl|golden WIDTH=64|128|256|512 PARAM=NumMsix=65
	@$(COSIM) sim $(PICK) $(HOW)
topology: setup ## every described topology but the great storm: DUT=rtl|golden SEED=n
	@$(COSIM) topology $(filter-out %/storm_of_sixteen.yaml,$(wildcard vectors/topologies/*.yaml)) $(if $(SEED),--seed $(SEED)) $(if $(DUT),--dut $(DUT))
test: setup ## unit and integration tests of every crate, then lint
	@cargo nextest run --workspace --cargo-profile release && cargo test --workspace --doc --release --quiet && scripts/lint
replay: setup ## one test again, with its event log: TEST=name SEED=n DUT=rtl|golden WIDTH=n PARAM=name=value QUIRK=name
	@$(COSIM) replay $(PICK) $(HOW)
waves: setup ## waveform of one test: TEST=name SEED=n
	@$(COSIM) waves $(PICK) $(HOW)
lint: setup ## formatting, clippy, verilator -Wall
	@scripts/lint
figure: setup ## measure one figure: NAME=x SCALE=small
	@$(COSIM) figure $(if $(NAME),'$(NAME)') $(SIZE)
figures: setup ## measure all figures into docs/figures.md: SCALE=small
	@$(COSIM) figures $(SIZE)
mutants: setup ## faults generated over the RTL, who reports each: SAMPLE=n (0 all) SEED=n TEST=pattern
	@$(COSIM) mutants $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(TEST),--test '$(TEST)') $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))
planted: setup ## faults planted by hand into copies of the RTL, who reports each: TEST=pattern
	@$(COSIM) planted $(if $(TEST),--test '$(TEST)') $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))
close: setup ## search for what is not covered: STRATEGY=random|mutate|directed SEED=n DUT=rtl|golden PARAM=DataW=64 CYCLES=millions AIM=item:bins
	@$(COSIM) close $(if $(STRATEGY),--strategy $(STRATEGY)) $(if $(SEED),--seed $(SEED)) $(if $(DUT),--dut $(DUT)) $(if $(CYCLES),--cycles $(CYCLES)) \
	  $(if $(AIM),--aim '$(AIM)') $(if $(PARAM),--param '$(PARAM)') $(if $(OUT),--out '$(OUT)')
search: setup ## directed searches for hours, entered in vectors/corpus/log: HOURS=8 JOBS=n SEED=first CYCLES=millions DUT=rtl|golden PARAM=DataW=64
	@$(COSIM) search $(if $(HOURS),--hours $(HOURS)) $(if $(SEED),--seed $(SEED)) $(if $(CYCLES),--cycles $(CYCLES)) $(if $(JOBS),--jobs $(JOBS)) \
	  $(if $(DUT),--dut $(DUT)) $(if $(PARAM),--param '$(PARAM)') $(if $(OUT),--out '$(OUT)')
cov: setup ## coverage of the last run and of searches against the plan
	@$(COSIM) cov --holes --rank
regress: setup ## every vector, then the kept sequences of the search, then coverage: SEED=n DUT=rtl|golden
	@$(COSIM) sim $(PICK) $(HOW) && $(COSIM) corpus $(if $(DUT),--dut $(DUT)) && $(COSIM) cov
formal: setup ## prove the laws of the RTL: TEST=pattern SCALE=small
	@$(COSIM) formal $(if $(TEST),--test '$(TEST)') $(if $(JOBS),--jobs $(JOBS)) $(SIZE)
synth: setup ## synthesis for Xilinx and ECP5 into docs/synthesis.md: TEST=pattern SCALE=small
	@$(COSIM) synth $(if $(TEST),--test '$(TEST)') $(SIZE)
docs: ## the crates' documentation, below target/doc
	@cargo doc --workspace --no-deps --quiet
clean: ## remove target/, installed tools and models too
	@rm -rf target
help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

# Names that are taken but have nothing behind them yet.
.PHONY: signoff linux bench
signoff linux bench:
	@echo 'make $@: not there yet' >&2; exit 2
