//! What is mutated: files of the project for each target, and the words of its formats.

use crate::sums::study;
use crate::targets::BETWEEN;
use ridethrough::scenario::{catalog, example, schema};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Good inputs of a target, and words.
pub struct Corpus {
    pub seeds: Vec<Vec<u8>>,
    pub words: Vec<String>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

impl Corpus {
    pub fn of(target: &str) -> Corpus {
        let words = match target {
            "scenario" | "files" | "settings" | "space" | "design" | "value" => scenario_words(),
            "arguments" => argument_words(),
            _ => Vec::new(),
        };
        let mut seeds = match target {
            "scenario" | "design" => scenarios(),
            "space" => {
                scenarios().into_iter().filter(|text| String::from_utf8_lossy(text).contains("[space")).collect()
            }
            "files" => cases(),
            "settings" => settings(),
            "result" | "chart" => results(),
            "sums" => study().shards.clone(),
            "merge" => merges(),
            "openslo" => documents(),
            "value" => values(),
            "condition" => lines(CONDITIONS),
            "range" => lines(RANGES),
            "part" => lines("0/1\n3/64\n63/64\n999999/1000000\nauto/64\n00/1"),
            "arguments" => arguments(),
            _ => Vec::new(),
        };
        seeds.sort();
        seeds.dedup();
        assert!(!seeds.is_empty(), "nothing to begin with for {target}");
        Corpus { seeds, words }
    }
}

/// Files of a folder, and of folders in it, with an extension.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read(paths: Vec<PathBuf>) -> Vec<Vec<u8>> {
    paths.iter().map(|path| std::fs::read(path).expect("a readable file")).collect()
}

fn lines(text: &str) -> Vec<Vec<u8>> {
    text.lines().map(|line| line.as_bytes().to_vec()).collect()
}

fn scenarios() -> Vec<Vec<u8>> {
    let all = ["scenarios", "tests/compat", "tests/cli", "benches"].map(|folder| read(files(folder, "toml"))).concat();
    all.into_iter().chain([example().into_bytes()]).collect()
}

/// The cases of problems, each without what is shown of it, and scenarios with the environment that they name.
fn cases() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in read(files("src/scenario/golden", "txt")) {
        let text = String::from_utf8_lossy(&text).into_owned();
        for case in text.split("=== ").skip(1) {
            let input = case.split("--- shown").next().unwrap_or_default();
            all.extend(input.split_once('\n').map(|(_, input)| input.as_bytes().to_vec()));
        }
    }
    let file = |name: &str| std::fs::read(root().join("scenarios").join(name)).expect("a scenario");
    for names in [&["single-az.toml"][..], &["single-az.toml", "multi-az.toml", "multi-region.toml"]] {
        let mut input = file(names[0]);
        for name in names[1..].iter().chain(&["environment.toml"]) {
            input.extend(format!("\n--- file {name}\n").into_bytes());
            input.extend(file(name));
        }
        all.push(input);
    }
    all
}

/// Scenarios with one of their keys after the other set to something.
fn settings() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for (path, text) in files("scenarios", "toml").iter().zip(scenarios_of_folder()) {
        let keys = ridethrough::scenario::keys(path);
        for (key, value) in keys.iter().zip(["60s", "2", "99%", "6/y"].into_iter().cycle()) {
            all.push([text.as_slice(), format!("\n--- set {}={value}\n", key.path).as_bytes()].concat());
        }
    }
    all.extend(cases().into_iter().filter(|case| case.windows(8).any(|window| window == b"--- set ")));
    all
}

fn scenarios_of_folder() -> Vec<Vec<u8>> {
    read(files("scenarios", "toml"))
}

/// A document of each kind. The longest are cut to size, with all their keys.
fn results() -> Vec<Vec<u8>> {
    let folders = ["tests/compat", "tests/cli/golden", "tests/fuzz/seeds/result"];
    let mut all = folders.map(|folder| read(files(folder, "json"))).concat();
    for text in &mut all {
        let mut document: Value = serde_json::from_slice(text).expect("a document");
        shorten(&mut document);
        *text = serde_json::to_vec_pretty(&document).expect("a document");
    }
    // A page may have several.
    let pairs: Vec<Vec<u8>> = all.windows(3).map(|some| some.join(BETWEEN)).collect();
    all.extend(pairs);
    all
}

/// Leaves the first three of every list.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.truncate(3);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(entries) => entries.values_mut().for_each(shorten),
        _ => {}
    }
}

fn merges() -> Vec<Vec<u8>> {
    let shards = &study().shards;
    let orders: [&[usize]; 6] = [&[0, 1, 2], &[2, 1, 0], &[0, 1], &[0, 1, 1], &[0, 1, 2, 2], &[1]];
    orders.map(|order| order.iter().map(|at| shards[*at].clone()).collect::<Vec<_>>().join(BETWEEN)).to_vec()
}

const DOCUMENTS: [&str; 3] = [
    "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: checkout\nspec:\n  service: shop\n  indicatorRef: good\n  budgetingMethod: Occurrences\n  timeWindow:\n    - duration: 28d\n      isRolling: true\n  objectives:\n    - targetPercent: 99.95\n",
    "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  budgetingMethod: Timeslices\n  objectives:\n    - displayName: Internal\n      target: 0.995\n      timeSliceTarget: 0.99\n      timeSliceWindow: 1m\n    - target: 0.99\n",
    "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: &name shop\n---\napiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: *name\nspec:\n  budgetingMethod: RatioTimeslices\n  indicator: {spec: {ratioMetric: {counter: true}}}\n  objectives: [{target: 0.9}, {value: 200, op: lte, target: 0.9}]\n",
];

fn documents() -> Vec<Vec<u8>> {
    DOCUMENTS.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// What stands behind equals signs in scenarios, and laws of all forms.
fn values() -> Vec<Vec<u8>> {
    let texts = String::from_utf8_lossy(&scenarios_of_folder().join(&b'\n')).into_owned();
    let values = texts.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim().to_owned());
    let bare = |value: String| [value.trim_matches('"').to_owned(), value];
    let known: BTreeSet<String> = values.flat_map(bare).collect();
    known.into_iter().map(String::into_bytes).chain(lines(LAWS)).collect()
}

const LAWS: &str = "\
{ fixed = \"10m\" }
{ exponential = \"10m\" }
{ uniform = [\"1m\", \"10m\"] }
{ uniform = { p5 = \"1m\", p95 = \"10m\" } }
{ triangular = [\"1m\", \"2m\", \"10m\"] }
{ lognormal = { mean = \"10m\", sigma = 1.5 } }
{ lognormal = { median = \"10m\", sigma = 1.5 } }
{ lognormal = { mean = \"10m\", cv = 2 } }
{ lognormal = { p50 = \"10m\", p99.9 = \"1d\" } }
{ weibull = { mean = \"60d\", shape = 1.5 } }
{ weibull = { scale = \"60d\", shape = 0.7 } }
{ weibull = { p5 = \"1d\", p95 = \"60d\" } }
{ gamma = { mean = \"60d\", shape = 2.5 } }
{ gamma = { scale = \"60d\", shape = 0.3 } }
{ gamma = { p5 = \"1d\", p95 = \"60d\" } }
{ erlang = { mean = \"10m\", stages = 4 } }
{ hyperexponential = { means = [\"1m\", \"1h\"], weights = [0.9, 0.1] } }
{ mixture = [{ weight = 0.9, law = \"30s\" }, { weight = 0.1, law = { exponential = \"1h\" } }] }
{ empirical = [\"1m\", \"2m\", \"2m\", \"1h\"] }
\"PT1H30M\"
1h 30m
99.95%
6/y
0.096/h
50/month
3 per day";

const CONDITIONS: &str = "\
availability<99.95%
availability.read <= 0.9995
unavailability.write>0.05%
recovery_time.p95 > 5m
recovery_time_seconds.mean>=1h 30m
downtime.p99>10h
data_loss.p95>1m
incidents>=12
nines<3.5
lost_time>1h
cost>10000
probability_month_met<99%
metastable_incidents>0
unrecoverable_losses>1e-3
recovery_time<1
replications>1";

const RANGES: &str = "\
1s..1h
50ms..2s
0s..30s
100d..5y
1..20
0..4294967295
1..100000
50%..99%
0.1..0.9
10/s..1000/s
1e-3..1e12
PT1S..PT1H";

/// Command lines of the documentation, a word on each line, and some with every flag.
fn arguments() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for path in files("src/cli", "rs").into_iter().chain([root().join("README.md"), root().join("src/cli/args.rs")]) {
        let text = std::fs::read_to_string(path).expect("a readable file");
        let commands = text.lines().filter_map(|line| line.trim().strip_prefix("ridethrough "));
        all.extend(commands.map(|line| line.split_whitespace().collect::<Vec<_>>().join("\n").into_bytes()));
    }
    all
}

/// Flags, as they stand in the help of all commands.
fn argument_words() -> Vec<String> {
    let commands = [
        "run",
        "compare",
        "sweep",
        "verify",
        "selftest",
        "explain",
        "drill",
        "gate",
        "size",
        "report",
        "chart",
        "importance",
        "uncertainty",
        "optimize",
        "check",
        "init",
        "defaults",
        "schema",
        "completions",
        "shard run",
        "shard missing",
        "shard merge",
        "submit slurm",
        "submit kubernetes",
        "submit containerfile",
    ];
    let mut words = BTreeSet::new();
    for command in commands {
        words.extend(command.split(' ').map(str::to_owned));
        let asked = ["ridethrough"].into_iter().chain(command.split(' ')).chain(["--help"]).map(Into::into).collect();
        let help = ridethrough::cli::understand(asked).expect_err("help");
        let is_flag = |word: &&str| word.starts_with('-') && word.len() > 1;
        words.extend(help.split([' ', '\n', ',', '[', ']', '.']).filter(is_flag).map(str::to_owned));
    }
    words.into_iter().collect()
}

/// Keys and fixed words of scenarios, and of the catalog.
fn scenario_words() -> Vec<String> {
    fn walk(value: &Value, words: &mut BTreeSet<String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    words.insert(key.clone());
                    walk(value, words);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, words)),
            Value::String(text) if !text.contains(' ') => {
                words.insert(text.clone());
            }
            _ => {}
        }
    }
    let mut words = BTreeSet::new();
    walk(&schema(), &mut words);
    words.extend(catalog().keys().map(|key| format!("\"catalog:{key}\"")));
    words.into_iter().collect()
}
