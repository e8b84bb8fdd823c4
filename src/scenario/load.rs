//! Reading files, adding environments, and handing over designs.

use super::decoder::Decoder;
use super::problem::{Place, Problem, Problems, Severity};
use super::registry::Table as _;
use super::resolve::{self, Skipped};
use super::source::{Sources, Span};
use super::tables::Scenario;
use super::tree::{self, Entry, Node, Table, Value};
use crate::model::Design;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Tables that an environment file may hold.
const ENVIRONMENT_TABLES: [&str; 6] = ["region", "dependency", "failure", "demand", "objectives", "simulation"];
/// Those of them that hold tables by name.
const BY_NAME: [&str; 3] = ["region", "dependency", "failure"];

/// Designs, and what to say about them.
#[derive(Debug)]
pub struct Loaded {
    /// One design per file, in the order given.
    pub designs: Vec<Design>,
    /// Doubts that stop nothing.
    pub warnings: Vec<Problem>,
}

/// A scenario, by its file or its text.
enum Input<'a> {
    File(&'a Path),
    Text(&'a str, &'a str),
}

/// Reads one design per file.
///
/// # Errors
///
/// All problems of all files, if there is an error among them.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, Problems> {
    load_with(paths, &[])
}

/// As [`load`], with keys changed: pairs of a key path, such as `dns.ttl`, and a value as in TOML, in which quotes may be
/// left out.
///
/// # Errors
///
/// All problems of all files and changes, if there is an error among them.
pub fn load_with(paths: &[PathBuf], overrides: &[(String, String)]) -> Result<Loaded, Problems> {
    let inputs: Vec<Input> = paths.iter().map(|path| Input::File(path)).collect();
    read(&inputs, overrides, false)
}

/// As [`load`], for one text; files that it names are looked for in the current directory.
///
/// # Errors
///
/// All problems of the text, if there is an error among them.
pub fn load_text(name: &str, text: &str) -> Result<Loaded, Problems> {
    read(&[Input::Text(name, text)], &[], false)
}

/// All problems of all files. A file that holds nothing but an environment is checked as one.
pub fn check(paths: &[PathBuf]) -> Problems {
    let inputs: Vec<Input> = paths.iter().map(|path| Input::File(path)).collect();
    match read(&inputs, &[], true) {
        Ok(loaded) => Problems::from(loaded.warnings),
        Err(problems) => problems,
    }
}

fn read(inputs: &[Input], overrides: &[(String, String)], environments: bool) -> Result<Loaded, Problems> {
    let mut reader = Reader { sources: Sources::default(), problems: Vec::new(), scopes: BTreeMap::new() };
    if inputs.is_empty() {
        reader
            .problems
            .push(Problem::of_file("no-file", "", "no scenario is given").help("name one or more scenario files"));
    }
    let mut designs = Vec::new();
    for input in inputs {
        designs.extend(reader.design(input, overrides, environments));
    }
    reader.scopes_of_nobody();
    let problems = Problems::locate(reader.problems, &reader.sources);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    Ok(Loaded { designs, warnings: problems.into_vec() })
}

struct Reader {
    sources: Sources,
    problems: Vec<Problem>,
    /// Scopes of environments that every design so far has skipped.
    scopes: BTreeMap<Span, Skipped>,
}

impl Reader {
    fn design(&mut self, input: &Input, overrides: &[(String, String)], environments: bool) -> Option<Design> {
        let file = match input {
            Input::File(path) => self.read_file(path, None)?,
            Input::Text(name, text) => self.sources.add(name, Path::new(""), (*text).to_owned()),
        };
        let mut root = self.parse(file)?;
        let environment = self.add_environment(file, &mut root);
        let _ = overrides;
        let alone = environments && environment.is_none() && only_environment(&root);

        let mut decoder = Decoder::new(std::mem::take(&mut self.sources));
        decoder.environment = environment.flatten();
        let scenario = Scenario::decode(&root, &mut decoder);
        let Decoder { sources, mut problems, mut assumptions, .. } = decoder;
        self.sources = sources;

        let resolved = resolve::design(&scenario, &self.stem(input), &mut problems, &mut assumptions);
        if alone {
            // An environment names parts that only its architectures have.
            let foreign = [
                "empty-architecture",
                "missing-region",
                "stack-regions",
                "unknown-name",
                "unused",
                "scope-touches-nothing",
            ];
            problems.retain(|problem| !foreign.contains(&problem.code));
        }
        for scope in resolved.scopes {
            let known = self.scopes.entry(scope.place.span).or_insert_with(|| scope.clone());
            known.skipped &= scope.skipped;
        }
        let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
        self.problems.append(&mut problems);
        let mut design = resolved.design;
        assumptions.sort();
        assumptions.dedup();
        design.assumptions = assumptions;
        (!failed && !alone).then_some(design)
    }

    /// Name of a design whose file does not say.
    fn stem(&self, input: &Input) -> String {
        let path = match input {
            Input::File(path) => path,
            Input::Text(name, _) => Path::new(name),
        };
        path.file_stem().map_or("scenario".to_owned(), |stem| stem.to_string_lossy().into_owned())
    }

    /// Reads a file; `named` is the value that names it.
    fn read_file(&mut self, path: &Path, named: Option<&Place>) -> Option<usize> {
        match self.sources.read(path) {
            Ok(file) => Some(file),
            Err(unreadable) => {
                let problem = match named {
                    Some(place) => Problem::error(unreadable.code, place, unreadable.message),
                    None => Problem::of_file(unreadable.code, &path.display().to_string(), unreadable.message),
                };
                self.problems.push(problem.help(unreadable.help));
                None
            }
        }
    }

    fn parse(&mut self, file: usize) -> Option<Node> {
        let source = self.sources.get(u32::try_from(file).ok()?)?;
        if source.text.trim().is_empty() {
            let problem = Problem::of_file("empty-file", &source.name, format!("`{}` is empty", source.name));
            self.problems.push(problem.help("`ridethrough init FILE` writes an example to start from"));
            return None;
        }
        match tree::parse(file, &source.text) {
            Ok(root) => Some(root),
            Err(errors) => {
                for error in errors {
                    let place = Place { span: error.span, key: String::new() };
                    let (message, help) = super::syntax::explain(&error.message, self.sources.text(error.span));
                    let mut problem = Problem::error("toml-syntax", &place, message);
                    problem.help = help;
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    /// Adds the tables of the environment that a file names. Some(None) means that it names one that cannot be read.
    fn add_environment(&mut self, file: usize, root: &mut Node) -> Option<Option<u32>> {
        let Value::Table(table) = &mut root.value else {
            return None;
        };
        let node = table.get("environment")?;
        let Value::Text(name) = &node.value else {
            return Some(None);
        };
        let place = Place { span: node.span, key: "environment".to_owned() };
        let directory = self.sources.get(u32::try_from(file).ok()?)?.directory.clone();
        let Some(shared) = self.read_file(&directory.join(name.trim()), Some(&place)) else {
            return Some(None);
        };
        if shared == file {
            let problem = Problem::error("environment-cycle", &place, "the file names itself as its environment");
            self.problems.push(
                problem.help("the environment is another file, which holds what fails around several architectures"),
            );
            return Some(None);
        }
        let Some(Node { value: Value::Table(environment), .. }) = self.parse(shared) else {
            return Some(None);
        };
        for entry in environment.entries {
            self.add_entry(table, entry);
        }
        Some(u32::try_from(shared).ok())
    }

    /// Adds one top-level table of an environment to those of the architecture.
    fn add_entry(&mut self, table: &mut Table, entry: Entry) {
        let place = |entry: &Entry, key: String| Place { span: entry.span, key };
        let key = entry.key.as_str();
        if key == "environment" {
            let problem = Problem::error(
                "nested-environment",
                &place(&entry, key.to_owned()),
                "an environment cannot name another environment",
            );
            self.problems.push(problem.help("put everything that the architectures share in one file"));
            return;
        }
        if !ENVIRONMENT_TABLES.contains(&key) {
            let problem = Problem::error(
                "not-for-environment",
                &place(&entry, key.to_owned()),
                format!("`{key}` does not belong in an environment file"),
            );
            let help = "an environment holds `region`, `dependency`, `failure`, `demand`, `objectives` and `simulation` tables";
            self.problems.push(problem.help(help));
            return;
        }
        let twice = |first: &Entry, second: &Entry, key: String| {
            let message = format!("`[{key}]` is defined by the architecture and by its environment");
            let problem = Problem::error("duplicate-name", &place(first, key), message);
            problem
                .also(&place(second, String::new()), "defined here, too")
                .help("remove one of them: neither overrides the other")
        };
        let Some(own) = table.entries.iter_mut().find(|own| own.key == entry.key) else {
            table.entries.push(entry);
            return;
        };
        let key = entry.key.clone();
        match (&mut own.node.value, entry.node.value) {
            (Value::Table(mine), Value::Table(theirs)) if BY_NAME.contains(&key.as_str()) => {
                let names: BTreeMap<String, usize> =
                    mine.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
                for named in theirs.entries {
                    match names.get(&named.key) {
                        Some(at) => {
                            self.problems.push(twice(&mine.entries[*at], &named, format!("{key}.{}", named.key)))
                        }
                        None => mine.entries.push(named),
                    }
                }
            }
            (_, value) => {
                let other = Entry { key: key.clone(), span: entry.span, node: Node { span: entry.node.span, value } };
                self.problems.push(twice(own, &other, key));
            }
        }
    }

    /// A scope that every design of the load skips is a typing error.
    fn scopes_of_nobody(&mut self) {
        for scope in self.scopes.values().filter(|scope| scope.skipped) {
            let problem = Problem::warning(
                "scope-touches-nothing",
                &scope.place,
                format!("no architecture has the {}", scope.what),
            );
            self.problems
                .push(problem.help("an environment may name what only some architectures have; check the spelling"));
        }
    }
}

/// Whether a file holds tables of an environment and nothing else.
fn only_environment(root: &Node) -> bool {
    let Value::Table(table) = &root.value else {
        return false;
    };
    !table.entries.is_empty() && table.entries.iter().all(|entry| ENVIRONMENT_TABLES.contains(&entry.key.as_str()))
}
