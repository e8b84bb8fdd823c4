//! Reading files, adding environments, and handing over designs.

use super::decoder::Decoder;
use super::environment;
use super::lint;
use super::numbers::{self, KeyOfFile};
use super::overrides::Override;
use super::problem::{Place, Problem, Problems, Severity};
use super::registry::Table as _;
use super::resolve::{self, Resolved, Skipped};
use super::source::{FileOfScenario, Sources, Span, floor_boundary};
use super::space::{self, Candidate, Combination, MOST_COMBINATIONS, Recipe, Refusals, Space};
use super::syntax;
use super::tables::Scenario;
use super::tree::{self, Node, Value};
use super::unknowns::{self, Unknown};
use crate::model::{Assumption, Bill, Design};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Syntax errors looked at; the ones behind them are mostly their consequences.
const MOST_ERRORS: usize = 10_000;

/// Designs, and what to say about them.
#[derive(Debug)]
pub struct Loaded {
    /// One design per file, in the order given.
    pub designs: Vec<Design>,
    /// Doubts that stop nothing.
    pub warnings: Vec<Problem>,
    /// What is not known about each design, in the same order.
    pub unknowns: Vec<Vec<Unknown>>,
    /// The files that all of this was read from, by path.
    pub files: Vec<FileOfScenario>,
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

/// The keys that a scenario and its environment give values; none where they cannot be read, which [`load`] explains.
#[must_use]
pub fn keys(path: &Path) -> Vec<KeyOfFile> {
    let mut reader = Reader::default();
    let root = reader.read_file(path, None).and_then(|file| {
        let mut root = reader.parse(file)?;
        reader.add_environment(file, &mut root);
        Some(root)
    });
    root.map_or_else(Vec::new, |root| numbers::keys(&root))
}

/// All designs of the space that a scenario spans, with keys changed as by [`load_with`].
///
/// # Errors
///
/// All problems of the file and the changes, if there is an error among them; that there is no space, or too large a one; what is wrong
/// with the combinations, if none is a design.
pub fn space(path: &Path, overrides: &[(String, String)]) -> Result<Space, Problems> {
    let mut reader = Reader::default();
    let changes: Vec<Override> =
        overrides.iter().map(|(path, value)| Override::new(path, value, &mut reader.sources)).collect();
    let input = Input::File(path);
    let found = reader.space(&input, &changes);
    let files = reader.sources.files();
    let problems = Problems::locate(reader.problems, &reader.sources);
    match found {
        Some(found) if problems.errors() == 0 => Ok(Space { warnings: problems.into_vec(), files, ..found }),
        _ => Err(problems),
    }
}

fn read(inputs: &[Input], overrides: &[(String, String)], environments: bool) -> Result<Loaded, Problems> {
    let mut reader = Reader::default();
    if inputs.is_empty() {
        reader
            .problems
            .push(Problem::of_file("no-file", "", "no scenario is given").help("name one or more scenario files"));
    }
    let mut designs = Vec::new();
    let changes: Vec<Override> =
        overrides.iter().map(|(path, value)| Override::new(path, value, &mut reader.sources)).collect();
    for input in inputs {
        designs.extend(reader.design(input, &changes, environments));
    }
    reader.scopes_of_nobody();
    let files = reader.sources.files();
    let problems = Problems::locate(reader.problems, &reader.sources);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    Ok(Loaded { designs, warnings: problems.into_vec(), unknowns: reader.unknowns, files })
}

/// A combination as a design, or what is wrong with it; and what was picked.
type Made = (Result<Design, Vec<Problem>>, Vec<Option<u16>>);

/// Combinations that are made at once, of which not all need be kept.
const PORTION: usize = 512;

impl Recipe {
    /// What becomes of a combination; none if it is the same as another.
    fn make(&self, number: usize) -> Option<Made> {
        let Combination { tree, picked } = space::combination(&self.axes, number, &self.root)?;
        let design = tree.map_err(|problem| vec![problem]).and_then(|tree| {
            let Understood { resolved, problems, mut assumptions, .. } =
                understand(&mut self.sources.clone(), &tree, self.environment, &self.name);
            assumptions.sort();
            assumptions.dedup();
            if problems.iter().any(|problem| problem.severity == Severity::Error) {
                return Err(problems);
            }
            Ok(Design { assumptions, ..resolved.design })
        });
        Some((design, picked))
    }
}

impl Space {
    /// The design of a candidate of this space; none if it is of another one.
    #[must_use]
    pub fn design(&self, candidate: &Candidate) -> Option<Design> {
        self.recipe.make(candidate.number).and_then(|(design, _)| design.ok())
    }
}

/// What a tree says, and what to say about it.
struct Understood {
    scenario: Scenario,
    resolved: Resolved,
    problems: Vec<Problem>,
    assumptions: Vec<Assumption>,
}

/// What a tree says; the texts are those that its places are in.
fn understand(sources: &mut Sources, root: &Node, environment: Option<u32>, name: &str) -> Understood {
    let mut decoder = Decoder::new(std::mem::take(sources));
    decoder.environment = environment;
    let scenario = Scenario::decode(root, &mut decoder);
    let Decoder { sources: back, mut problems, mut assumptions, .. } = decoder;
    *sources = back;
    let resolved = resolve::design(&scenario, name, &mut problems, &mut assumptions);
    lint::check(&scenario, &resolved.design, &mut problems);
    Understood { scenario, resolved, problems, assumptions }
}

#[derive(Default)]
struct Reader {
    sources: Sources,
    problems: Vec<Problem>,
    /// Scopes of environments that every design so far has skipped.
    scopes: BTreeMap<Span, Skipped>,
    /// Names of the designs so far.
    names: BTreeSet<String>,
    /// What is not known about each of them.
    unknowns: Vec<Vec<Unknown>>,
}

impl Reader {
    fn design(&mut self, input: &Input, overrides: &[Override], environments: bool) -> Option<Design> {
        let file = match input {
            Input::File(path) => self.read_file(path, None)?,
            Input::Text(name, text) => self.sources.add(name, Path::new(""), (*text).to_owned()),
        };
        let mut root = self.parse(file)?;
        let environment = self.add_environment(file, &mut root);
        for change in overrides {
            self.problems.extend(change.apply(&mut root));
        }
        let stem = self.stem(input);
        let Understood { scenario, resolved, mut problems, mut assumptions } =
            understand(&mut self.sources, &root, environment.flatten(), &stem);

        let alone = environments && scenario.environment.is_none() && environment::alone(&root);
        let unknowns = unknowns::resolve(&scenario.unknown, &mut problems);
        for unknown in &unknowns {
            // Where the key leads nowhere, setting it says so; the caret belongs under the path as the file has it.
            let change = Override::new(&unknown.key, &unknown.value(0.5), &mut self.sources);
            if let (Some(problem), Some(place)) =
                (change.apply(&mut root.clone()), unknowns::place(&scenario.unknown, &unknown.key))
            {
                problems.push(problem.at(&place));
            }
        }
        space::axes(&scenario, &root, &mut problems);
        if alone || environment == Some(None) {
            problems.retain(|problem| !environment::FOREIGN.contains(&problem.code));
        }
        for scope in resolved.scopes {
            let known = self.scopes.entry(scope.place.span).or_insert_with(|| scope.clone());
            known.skipped &= scope.skipped;
        }
        let unused = problems.iter().filter(|problem| problem.code == "unused");
        let mut unused: Vec<String> = unused.map(|problem| problem.key.clone()).collect();
        unused.sort();
        let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
        self.problems.append(&mut problems);
        let mut design = resolved.design;
        assumptions.sort();
        assumptions.dedup();
        (design.assumptions, design.unused) = (assumptions, unused);
        if environments || self.names.insert(design.name.clone()) {
            self.unknowns.push(unknowns);
            return (!failed && !alone).then_some(design);
        }
        let place = scenario.name.as_ref().map_or(&scenario.place, |name| &name.place);
        let problem = Problem::error("duplicate-name", place, format!("another scenario is called `{}`", design.name));
        self.problems.push(problem.help("results are told apart by name: give one of them another `name`"));
        None
    }

    /// The designs of the space; none if there is an error.
    fn space(&mut self, input: &Input, overrides: &[Override]) -> Option<Space> {
        self.design(input, overrides, false)?;
        let Input::File(path) = input else { return None };
        let file = self.sources.read(path).ok()?;
        let mut root = self.parse(file)?;
        let environment = self.add_environment(file, &mut root).flatten();
        overrides.iter().for_each(|change| drop(change.apply(&mut root)));
        let stem = self.stem(input);
        let scenario = understand(&mut self.sources, &root, environment, &stem).scenario;
        let axes = space::axes(&scenario, &root, &mut Vec::new());
        let name = self.sources.get(u32::try_from(file).ok()?)?.name.clone();
        if axes.is_empty() {
            let problem = Problem::of_file("bad-space", &name, "the scenario leaves nothing to choose");
            self.problems.push(
                problem
                    .help("add for example `[space.ttl]` with `key = \"dns.ttl\"` and `values = [\"10s\", \"60s\"]`"),
            );
            return None;
        }
        let count = space::combinations(&axes);
        if count > MOST_COMBINATIONS {
            let message = format!("{count} combinations are more than {MOST_COMBINATIONS}");
            self.problems
                .push(Problem::of_file("too-many", &name, message).help("give some of `[space]` fewer values"));
            return None;
        }
        self.combine(Recipe { axes, root, environment, name: stem, sources: self.sources.clone() }, count)
    }

    /// What becomes of each combination; none if none is a design, whose problems are then those of the first.
    fn combine(&mut self, recipe: Recipe, count: usize) -> Option<Space> {
        let (mut candidates, mut refusals, mut first) = (Vec::new(), Refusals::default(), None);
        for begin in (0..count).step_by(PORTION) {
            let numbers = begin..(begin + PORTION).min(count);
            let made: Vec<Option<Made>> = numbers.clone().into_par_iter().map(|number| recipe.make(number)).collect();
            for (number, (design, picked)) in numbers.zip(made).filter_map(|(number, made)| Some((number, made?))) {
                match design {
                    Ok(design) => candidates.push(Candidate {
                        number,
                        picked,
                        cost_per_year: design.bill.as_ref().map(Bill::per_year),
                        time: (design.horizon, design.warm_up),
                    }),
                    Err(problems) => {
                        refusals.push(&problems, &recipe.labels(&picked));
                        first.get_or_insert(problems);
                    }
                }
            }
        }
        if candidates.is_empty() {
            self.problems.extend(first.into_iter().flatten());
            return None;
        }
        let dimensions = recipe.axes.iter().map(|axis| axis.chosen.clone()).collect();
        let refused = refusals.sorted();
        Some(Space { dimensions, candidates, refused, warnings: Vec::new(), files: Vec::new(), recipe })
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
                    Some(place) => Problem::error(unreadable.code, place, unreadable.message)
                        .help("the path of an environment is relative to the file that names it"),
                    None => Problem::of_file(unreadable.code, &path.display().to_string(), unreadable.message)
                        .help(unreadable.help),
                };
                self.problems.push(problem);
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
                // Counted on from error to error: a file of nothing but errors is looked through once.
                let (mut at, mut line, mut last_line) = (0, 1, 0);
                for error in errors.into_iter().take(MOST_ERRORS) {
                    let source = self.sources.get(error.span.file)?;
                    let start = floor_boundary(&source.text, error.span.start as usize);
                    if start >= at {
                        line += source.text[at..start].bytes().filter(|&byte| byte == b'\n').count();
                        at = start;
                    }
                    // The reader stumbles on over the rest of a line that it did not understand.
                    if line == last_line {
                        continue;
                    }
                    last_line = line;
                    let place = Place { span: error.span, key: String::new() };
                    let (message, help) = syntax::explain(&error.message, self.sources.text(error.span));
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
        environment::merge(table, environment, &mut self.problems);
        Some(u32::try_from(shared).ok())
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
