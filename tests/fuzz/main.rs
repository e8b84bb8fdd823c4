//! Fuzzing: hostile inputs of every kind that the program reads. `README.md` in this folder says what was found.
//!
//! Each target has a short test with the same inputs every time, and every case that was found once is digested again. The long
//! campaign is the ignored test `campaign`, which `tests/fuzz/run` starts: execution `n` of a target has the same input for the same seed, whatever
//! the number of threads.

mod campaign;
mod corpus;
mod mutation;
mod random;
mod targets;

use campaign::{Campaign, digested};
use corpus::Corpus;
use std::path::{Path, PathBuf};
use std::time::Duration;
use targets::{TARGETS, Target, sums};

/// Executions of all short tests together.
const SHORT: u64 = 50_000;
/// Executions of a campaign, unless somebody says how many.
const LONG: u64 = 10_000_000;

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.replace('_', "").parse().unwrap_or_else(|_| panic!("{name} is {text}, which is no number")),
        Err(_) => otherwise,
    }
}

/// Tests are slow as they are built, and share the machine with others.
fn campaign(target: &'static Target, executions: u64) -> Campaign {
    let longest = Duration::from_secs(20);
    Campaign { target, corpus: Corpus::of(target.name), seed: number("FUZZ_SEED", 1), executions, longest }
}

/// A share of the short tests, and what was found before.
fn hold(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    for path in found(name) {
        let input = std::fs::read(&path).expect("a readable file");
        if let Err(panic) = digested(target, &input) {
            panic!("{}: {panic}", path.display());
        }
    }
    let done = campaign(target, SHORT * target.share / 1000).run();
    assert!(done.findings.is_empty(), "{name}:\n{}", done.findings.join("\n"));
    assert!(0 < done.accepted && done.accepted < done.executions, "{} of {} are good", done.accepted, done.executions);
}

/// Cases of a target that were found.
fn found(name: &str) -> Vec<PathBuf> {
    let Ok(entries) = corpus::root().join("tests/fuzz/found").join(name).read_dir() else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

macro_rules! short {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                hold(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_tested_and_shares_are_whole() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            assert_eq!(TARGETS.iter().map(|target| target.share).sum::<u64>(), 1000);
        }
    };
}

short!(scenario files settings space design result chart sums merge openslo value condition range part arguments);

#[test]
fn a_panic_is_found_and_made_small() {
    static WRONG: Target = Target {
        name: "openslo",
        digest: |input| {
            assert!(!input.windows(3).any(|it| it == b"SLO"), "an SLO");
            false
        },
        share: 0,
    };
    let done = campaign(&WRONG, 50).run();
    assert!(
        matches!(&done.findings[..], [one] if one.contains("an SLO") && one.contains("3 bytes")),
        "{:?}",
        done.findings
    );
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_another_one_others() {
    let of = |seed| Campaign { seed, ..campaign(&TARGETS[0], 0) };
    let (one, two) = (of(1), of(2));
    let inputs = |campaign: &Campaign| (0..20).map(|execution| campaign.input(execution)).collect::<Vec<_>>();
    assert_eq!(inputs(&one), inputs(&of(1)));
    assert_ne!(inputs(&one), inputs(&two));
}

#[test]
#[ignore = "takes half an hour: tests/fuzz/run"]
fn long() {
    let executions = number("FUZZ_EXECUTIONS", LONG);
    let only = std::env::var("FUZZ_TARGETS").unwrap_or_default();
    let is_asked = |target: &&Target| only.is_empty() || only.split(',').any(|name| name == target.name);
    let asked: Vec<&'static Target> = TARGETS.iter().filter(is_asked).collect();
    let shares: u64 = asked.iter().map(|target| target.share).sum();
    println!("| target | executions | accepted | seconds | found |\n|---|---:|---:|---:|---:|");
    let mut findings = Vec::new();
    for target in asked {
        let executions = (executions * target.share).div_ceil(shares);
        let done = Campaign { longest: Duration::from_secs(1), ..campaign(target, executions) }.run();
        let accepted = 100.0 * done.accepted as f64 / done.executions as f64;
        let (name, found) = (target.name, done.findings.len());
        println!("| {name} | {} | {accepted:.1} % | {:.0} | {found} |", done.executions, done.seconds);
        findings.extend(done.findings.iter().map(|found| format!("{}: {found}", target.name)));
    }
    assert!(findings.is_empty(), "found:\n{}", findings.join("\n"));
}

/// What a fuzzer that is guided by coverage begins with: a folder of inputs for each target, and a dictionary.
#[test]
#[ignore = "writes files: tests/fuzz/guided/run"]
fn seeds() {
    let folder = std::env::var("FUZZ_CORPUS").expect("FUZZ_CORPUS names a folder");
    let folder = Path::new(&folder);
    for target in &TARGETS {
        let corpus = Corpus::of(target.name);
        let inputs = folder.join(target.name);
        std::fs::create_dir_all(&inputs).expect("a folder");
        for (number, seed) in corpus.seeds.iter().enumerate() {
            std::fs::write(inputs.join(format!("seed-{number}")), seed).expect("a file");
        }
        let plain = |word: &&String| word.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
        let words: String = corpus.words.iter().filter(plain).map(|word| format!("\"{word}\"\n")).collect();
        std::fs::write(folder.join(format!("{}.dict", target.name)), words).expect("a file");
    }
}
