//! `size`: how large or small a key may be for what is asked to be met.

use super::args::{Cli, Common, Find, Output, SizeArgs};
use super::export::{Format, export, targets};
use super::gate::{explained, objectives, warn_upside_down};
use super::progress::{Bar, STOP};
use super::simulate::{finished, load, rarity, read, refused, watched};
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, Grid, MOST_PER_VALUE, MOST_VALUES, Options, Part, Progress};
use crate::model::Design;
use crate::report::{self, Condition, Gate, Origin, SizeValue, Sizing, Until};
use crate::scenario::{self, nearest};
use crate::study::{End, Found, Judgement};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Most keys that an error lists.
const MOST_LISTED: usize = 40;

/// `ridethrough size`.
pub fn size(cli: &Cli, command: &SizeArgs) -> Result<Status, Failure> {
    let common = Common {
        seed: command.seed,
        replications: command.replications,
        horizon: command.horizon,
        precision: None,
        max_time: Some(command.max_time),
        threads: command.threads,
        output: command.output,
        export: command.export.clone(),
        enforce: false,
    };
    let mut problems = Vec::new();
    let mut conditions = asked(cli, &command.until, &mut problems);
    let grid = match Grid::new(&command.range, command.steps.map(usize::from)) {
        Ok(grid) => Some(grid),
        Err(error) => {
            problems.push(format!("--range {}: {error}", command.range));
            None
        }
    };
    problems.extend(no_number(command));
    let Some(grid) = grid.filter(|_| problems.is_empty()) else { return Err(Failure::Usage(problems.join("\n"))) };
    let base = load(cli, std::slice::from_ref(&command.file), &common, &[], &mut Vec::new())?;
    let designs = designs(cli, command, &common, &grid)?;
    if conditions.is_empty() {
        conditions = base.iter().flat_map(objectives).map(|condition| (condition, Origin::Scenario)).collect();
    }
    if conditions.is_empty() {
        return Err(Failure::Usage(
            "nothing is asked: give the scenario [objectives], or say what is to be met, e.g. \
             --until 'recovery_time.p95<=2m and availability>=99.99%'"
                .to_owned(),
        ));
    }
    let targets = targets(&command.export)?;
    if targets.iter().any(|(_, format)| *format == Format::Page) {
        let instead = "a search has no page of its own: export .json, .csv, .md or .txt, and sweep the key for a page with its curve";
        return Err(Failure::Usage(instead.to_owned()));
    }
    let bar = Bar::new(cli, "replications", Until { max_time: Some(command.max_time), ..Until::default() });
    let sizing = watched(&common, bar, |watch| {
        let tries = Tries {
            command,
            designs: &designs,
            conditions: &conditions,
            begun: Instant::now(),
            points: BTreeMap::new(),
            replications: 0,
            watch,
        };
        tries.search(&grid)
    })??;
    print(&match command.output {
        Output::Table => report::size_terminal(&sizing, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &sizing),
    })?;
    export(&targets, &|output| plain(output, &sizing), || Ok(Vec::new()))?;
    Ok(match sizing.search.found {
        _ if sizing.search.interrupted => Status::Interrupted,
        Found::Answer | Found::All | Found::Reversed => Status::Success,
        Found::Nothing => Status::Missed,
        Found::Open | Found::NotMonotone => Status::Inconclusive,
    })
}

fn plain(output: Output, sizing: &Sizing) -> String {
    match output {
        Output::Table => report::size_terminal(sizing, 100, false, false),
        Output::Json => report::size_json(sizing),
        Output::Csv => report::size_csv(sizing),
        Output::Markdown => report::size_markdown(sizing),
    }
}

/// The conditions that were typed, each by itself.
fn asked(cli: &Cli, texts: &[String], problems: &mut Vec<String>) -> Vec<(Condition, Origin)> {
    let mut conditions = Vec::new();
    for text in texts.iter().flat_map(|text| parts(text)) {
        match report::demand(&text) {
            Ok(condition) => {
                warn_upside_down(cli, "--until", &text, &condition, "asks for a bad architecture");
                conditions.push((condition, Origin::Until));
            }
            Err(error) => problems.push(explained("--until", &text, &error)),
        }
    }
    conditions
}

/// What is joined by "and".
fn parts(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.split(|word| word.eq_ignore_ascii_case("and")).map(|part| part.join(" ")).collect()
}

/// What is said where the file gives the key no number; where it says nothing of the key, the values of the range will tell.
fn no_number(command: &SizeArgs) -> Option<String> {
    let keys = scenario::keys(&command.file);
    let asked: Vec<&str> = command.param.split('.').map(|part| part.trim().trim_matches('"')).collect();
    let asked = asked.join(".");
    let below = format!("{asked}.");
    if keys.iter().any(|key| key.is_number && key.path == asked) {
        return None;
    }
    let numbers: Vec<&str> = keys.iter().filter(|key| key.is_number).map(|key| key.path.as_str()).collect();
    let inside: Vec<&str> = numbers.iter().copied().filter(|key| key.starts_with(&below)).collect();
    if keys.iter().any(|key| key.path.starts_with(&below)) {
        let meant =
            if inside.is_empty() { String::new() } else { format!("; numbers in it are {}", inside.join(", ")) };
        return Some(format!("--param {asked} is a table, not a number{meant}"));
    }
    if !keys.iter().any(|key| key.path == asked) {
        return None;
    }
    let meant = nearest(&asked, numbers.iter().copied()).map_or_else(String::new, |it| format!("; did you mean {it}?"));
    let shown = numbers.len().min(MOST_LISTED);
    let rest = if shown < numbers.len() { format!(" and {} more", numbers.len() - shown) } else { String::new() };
    let listed = numbers[..shown].join(", ");
    Some(format!("--param {asked} is no number in {}{meant}\nnumbers are: {listed}{rest}", command.file.display()))
}

/// The design at every value. Values that make none are told before anything is simulated.
fn designs(cli: &Cli, command: &SizeArgs, common: &Common, grid: &Grid) -> Result<Vec<Design>, Failure> {
    if grid.count() > MOST_VALUES {
        return Err(Failure::Usage(format!(
            "--range {} has {} values, but at most {MOST_VALUES} are searched: --steps says how many",
            command.range,
            grid.count()
        )));
    }
    let mut designs = Vec::new();
    let mut bad = Vec::new();
    for place in 0..grid.count() {
        let change = [(command.param.clone(), grid.text(place))];
        match read(std::slice::from_ref(&command.file), common, &change) {
            Ok(loaded) => designs.extend(loaded.designs),
            Err(Failure::Scenario(problems)) => bad.push((place, problems)),
            Err(failure) => return Err(failure),
        }
    }
    let count = bad.len();
    let mut bad = bad.into_iter();
    let Some((first, problems)) = bad.next() else { return Ok(designs) };
    if count == grid.count() {
        return Err(Failure::Scenario(problems));
    }
    let last = bad.next_back();
    let errors = problems.into_vec().into_iter().filter(|problem| problem.severity == scenario::Severity::Error);
    let errors = scenario::Problems::from(errors.collect::<Vec<_>>());
    tell(&errors.render(cli.colour.stderr()));
    let which = match &last {
        None => format!("the value {} of --range {} makes no scenario", grid.text(first), command.range),
        Some((last, _)) => format!(
            "{count} of the {} values of --range {}, from {} to {}, make no scenario; what is wrong with the first is above",
            grid.count(),
            command.range,
            grid.text(first),
            grid.text(*last)
        ),
    };
    Err(Failure::Usage(format!("{which}: choose a --range without them")))
}

/// Values as they are tried.
struct Tries<'a> {
    command: &'a SizeArgs,
    designs: &'a [Design],
    conditions: &'a [(Condition, Origin)],
    begun: Instant,
    points: BTreeMap<usize, Gate>,
    /// Of all values together.
    replications: u64,
    watch: &'a mut dyn FnMut(Progress),
}

impl Tries<'_> {
    fn search(mut self, grid: &Grid) -> Result<Sizing, Failure> {
        let last = grid.count() - 1;
        let end = match self.command.find {
            Find::Largest => End::Largest,
            Find::Smallest => End::Smallest,
            Find::Cheapest => {
                let ends = (self.verdict(0)?, self.verdict(last)?);
                let (Some(_), Some(_)) = ends else { return Err(Failure::Interrupted) };
                self.cheap_end(last)?
            }
        };
        let level = Options::default().level;
        let search = experiment::size(end, grid.count(), &mut |place| self.verdict(place))?;
        if self.points.is_empty() {
            return Err(Failure::Interrupted);
        }
        let values = (0..grid.count()).map(|place| SizeValue { text: grid.text(place), number: grid.value(place) });
        Ok(Sizing {
            key: self.command.param.clone(),
            values: values.collect(),
            is_complete: grid.has_every_value(),
            cheapest: self.command.find == Find::Cheapest,
            search,
            points: self.points,
            level,
            seed: self.command.seed,
        })
    }

    /// Where it costs less.
    fn cheap_end(&self, last: usize) -> Result<End, Failure> {
        let cost = |place: usize| self.points.get(&place).and_then(Gate::cost_per_year);
        let (Some(low), Some(high)) = (cost(0), cost(last)) else {
            return Err(Failure::Usage(
                "what a year costs is not known, so that no value is the cheapest: add a table [prices] to \
                 the scenario, or use --find largest or smallest"
                    .to_owned(),
            ));
        };
        match low.total_cmp(&high) {
            std::cmp::Ordering::Less => Ok(End::Smallest),
            std::cmp::Ordering::Greater => Ok(End::Largest),
            std::cmp::Ordering::Equal => Err(Failure::Usage(format!(
                "by the prices of the scenario a year costs the same at both ends of the range, {low}: use --find largest or smallest"
            ))),
        }
    }

    /// Simulates a value until its verdict is known or its share of the time is over; none when it was told to stop.
    fn verdict(&mut self, place: usize) -> Result<Option<Judgement>, Failure> {
        if let Some(gate) = self.points.get(&place) {
            return Ok(Some(gate.verdict()));
        }
        if STOP.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let command = self.command;
        let count = self.designs.len();
        let left = command.max_time.saturating_sub(self.begun.elapsed());
        let to_come = experiment::most_looked_at(count).saturating_sub(self.points.len()).max(1);
        let options = Options {
            seed: command.seed,
            replications: command.replications.unwrap_or(MOST_PER_VALUE),
            max_time: Some(left / u32::try_from(to_come).unwrap_or(u32::MAX)),
            rare: rarity(command.rare),
            ..Options::default()
        };
        let design = std::slice::from_ref(&self.designs[place]);
        let conditions =
            self.conditions.iter().map(|(condition, origin)| (0, condition.clone(), origin.clone())).collect();
        let mut gate = Gate::new(vec![command.file.display().to_string()], conditions, Vec::new(), options.level);
        let before = self.replications;
        let part = Some(Part::Value(self.points.len() + 1, experiment::most_looked_at(count)));
        let mut done = 0;
        let mut watch = |progress: Progress| {
            done = progress.done;
            (self.watch)(Progress { part, ..Progress::of(before + progress.done, 0) });
        };
        // One condition that is missed is enough.
        let mut judge = |study: &_| gate.look(study) || gate.verdict() == Judgement::Missed;
        // All intervals of all values hold together, whichever are tried.
        let intervals = self.conditions.len() * count;
        let (study, looks) = experiment::gate(design, &options, intervals, &STOP, &mut watch, &mut judge)
            .map_err(|error| refused(design, error))?;
        self.replications = before + done;
        if study.interrupted {
            return Ok(None);
        }
        let study = finished(design, Ok(study))?;
        let missing = gate.not_modelled(&study);
        if !missing.is_empty() {
            return Err(Failure::Usage(missing.join("\n")));
        }
        let gate = gate.finished(study, looks);
        let verdict = gate.verdict();
        self.points.insert(place, gate);
        Ok(Some(verdict))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_joined_by_and() {
        assert_eq!(
            parts("recovery_time.p95 <= 1h 30m and availability>=99%"),
            ["recovery_time.p95 <= 1h 30m", "availability>=99%"]
        );
        assert_eq!(parts("a<1 AND b<2 and"), ["a<1", "b<2", ""]);
    }
}
