// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Subcommands.

mod close;
mod corpus;
mod cov;
mod figure;
mod formal;
mod import;
mod lockstep;
mod mutants;
mod planted;
mod resets;
mod rtl_cov;
mod run;
mod search;
mod shrink;
mod standing;
mod topology;
mod waves;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Co-simulation of an IMS-capable PCIe endpoint with a model of its host.
#[derive(Parser)]
#[command(name = "ims-cosim", version)]
pub struct Args {
    /// Machine-readable output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every vector below vectors/ (or those picked) against the device.
    Sim(run::SimArgs),
    /// Run the named vector files.
    Run(run::RunArgs),
    /// Run described topologies: many endpoints on one machine.
    Topology(topology::TopologyArgs),
    /// Run one test again and keep its event log.
    Replay(run::SimArgs),
    /// Run one test on the tracing model and write its waveform, with views of the interrupt path.
    Waves(waves::WavesArgs),
    /// Turn a recorded trace into a vector.
    ImportTrace(import::ImportArgs),
    /// Generate faults over the RTL and see which check reports each; a sample of them.
    Mutants(mutants::MutantsArgs),
    /// Plant the faults of sim/mutants/rtl into copies of the RTL and see which check reports each.
    Planted(planted::PlantedArgs),
    /// Which lines, branches and toggles of the RTL the vectors reach.
    RtlCov(rtl_cov::RtlCovArgs),
    /// Search for what is not covered yet; everything it makes is judged and replays.
    Close(close::CloseArgs),
    /// Search for hours: directed searches one behind the other, each from nothing; entered in the log.
    Search(search::SearchArgs),
    /// Run the sequences that searches have kept (vectors/corpus).
    Corpus(corpus::CorpusArgs),
    /// Coverage of stored runs against the plan.
    Cov(cov::CovArgs),
    /// Make a failing vector as short as it will go.
    Shrink(shrink::ShrinkArgs),
    /// Prove the laws of the RTL; with --breaks, show that each can fail.
    Formal(formal::FormalArgs),
    /// Synthesise the RTL for Xilinx and ECP5; writes the table of docs/synthesis.md.
    Synth(formal::SynthArgs),
    /// Send the same random traffic to RTL and golden endpoint and compare packet by packet.
    Lockstep(lockstep::LockstepArgs),
    /// Reset one device at random under load and look for what comes too late or never.
    Resets(resets::ResetsArgs),
    /// Measure one figure and print it as one line of JSON; without a name, list them.
    Figure(figure::FigureArgs),
    /// Measure all figures and write docs/figures.md.
    Figures(figure::FiguresArgs),
    /// Print the JSON schema of vector files.
    Schema,
}

/// Why a command failed, with its exit code.
pub struct Failure {
    /// What to tell.
    pub error: anyhow::Error,
    /// Exit code.
    pub code: u8,
}

impl Failure {
    /// Bad usage or input.
    pub fn input(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), code: 2 }
    }

    /// The tool itself.
    pub fn tool(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), code: 4 }
    }
}

/// Root of the checkout: where vectors/, rtl/ and target/ are.
pub fn root() -> PathBuf {
    std::env::var_os("IMS_COSIM_ROOT")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")))
}

/// Carries out the command; the exit code.
pub fn run(args: Args) -> Result<u8, Failure> {
    match args.command {
        Command::Sim(a) => run::sim(a, args.json),
        Command::Run(a) => run::run_files(a, args.json),
        Command::Topology(a) => topology::topology(a, args.json),
        Command::Replay(a) => run::replay(a, args.json),
        Command::Waves(a) => waves::waves(a, args.json),
        Command::ImportTrace(a) => import::import(a, args.json),
        Command::Mutants(a) => mutants::mutants(a, args.json),
        Command::RtlCov(a) => rtl_cov::rtl_cov(a, args.json),
        Command::Planted(a) => planted::planted(a, args.json),
        Command::Close(a) => close::close(a, args.json),
        Command::Search(a) => search::search(a, args.json),
        Command::Corpus(a) => corpus::corpus(a, args.json),
        Command::Cov(a) => cov::cov(a, args.json),
        Command::Shrink(a) => shrink::shrink(a, args.json),
        Command::Formal(a) => formal::formal(a, args.json),
        Command::Synth(a) => formal::synth(&a, args.json),
        Command::Lockstep(a) => lockstep::lockstep(a, args.json),
        Command::Resets(a) => resets::resets(a, args.json),
        Command::Figure(a) => figure::one(a),
        Command::Figures(a) => figure::all(a),
        Command::Schema => {
            print!("{}", vectors::schema::text());
            Ok(0)
        }
    }
}
