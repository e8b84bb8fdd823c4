//! `gate`: a pipeline asks whether what it is about to deploy is good enough.

use super::args::{Cli, Common, GateArgs, GateOutput, Output};
use super::export::{Format, page_of, prepare};
use super::progress::{Bar, STOP, until};
use super::simulate::{finished, load, rarity, watched, whole};
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, MOST_JUDGED, Options};
use crate::model::Design;
use crate::report::{self, Baseline, Condition, ConditionError, Fails, Gate, Origin};
use crate::scenario::{self, Budgeting, nearest};
use crate::study::Judgement;
use std::path::{Path, PathBuf};

/// `ridethrough gate`.
pub fn gate(cli: &Cli, command: &GateArgs) -> Result<Status, Failure> {
    let common = Common {
        seed: command.seed,
        replications: command.replications,
        horizon: command.horizon,
        precision: None,
        max_time: Some(command.max_time),
        threads: command.threads,
        output: Output::Table,
        export: Vec::new(),
        enforce: false,
    };
    let mut problems = Vec::new();
    let mut asked = asked(cli, &command.fail_if, &mut problems);
    let mut notes = Vec::new();
    for path in &command.openslo {
        documents(path, &mut asked, &mut notes, &mut problems);
    }
    let baseline = command.baseline.as_deref().and_then(|path| baseline(path, &mut problems));
    let targets = targets(&command.export, &mut problems);
    if !problems.is_empty() {
        return Err(Failure::Usage(problems.join("\n")));
    }
    let designs = load(cli, &command.files, &common, &[], &mut Vec::new())?;
    targets.iter().try_for_each(|(path, _)| prepare(path))?;
    let conditions = conditions(&designs, &asked)?;
    let files = command.files.iter().map(|file| file.display().to_string()).collect();
    let options = Options {
        seed: command.seed,
        replications: command.replications.unwrap_or(MOST_JUDGED),
        max_time: Some(command.max_time),
        rare: rarity(command.rare),
        ..Options::default()
    };
    let mut gate = Gate::new(files, conditions, notes, options.level);
    let bar = Bar::new(cli, "replications", until(&options));
    let found = watched(&common, bar, |watch| {
        let count = gate.conditions();
        experiment::gate(&designs, &options, count, &STOP, watch, &mut |study| gate.look(study))
    })?;
    let (study, looks) = match found {
        Ok((study, looks)) => (finished(&designs, Ok(study))?, looks),
        Err(error) => return Err(super::simulate::refused(&designs, error)),
    };
    let missing = gate.not_modelled(&study);
    if !missing.is_empty() {
        return Err(Failure::Usage(missing.join("\n")));
    }
    let interrupted = study.interrupted;
    let mut gate = gate.finished(study, looks);
    if let (Some(baseline), Some(path)) = (&baseline, &command.baseline) {
        gate = gate
            .against(baseline)
            .map_err(|error| Failure::Usage(format!("--baseline {}: {error}", path.display())))?;
    }
    print(&match command.output {
        GateOutput::Table => report::gate_terminal(&gate, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &gate),
    })?;
    for (path, format) in targets {
        let text = match (format, gate.study()) {
            (Format::Text(output), _) => plain(output, &gate),
            (Format::Page, study) => {
                let beside =
                    study.map_or_else(|| Ok(Vec::new()), |it| whole(cli, &designs, &command.files, &common, it))?;
                page_of(plain(GateOutput::Json, &gate), beside)?
            }
        };
        report::write_atomically(path, text.as_bytes())?;
    }
    Ok(match gate.verdict() {
        _ if interrupted => Status::Interrupted,
        Judgement::Met => Status::Success,
        Judgement::Missed => Status::Missed,
        Judgement::Inconclusive => Status::Inconclusive,
    })
}

/// The conditions that were typed.
fn asked(cli: &Cli, texts: &[String], problems: &mut Vec<String>) -> Vec<(Condition, Origin)> {
    let mut conditions = Vec::new();
    for text in texts {
        match report::condition(text) {
            Ok(condition) => {
                warn_upside_down(cli, "--fail-if", text, &condition, "fails an architecture for being good");
                conditions.push((condition, Origin::FailIf));
            }
            Err(error) => problems.push(explained("--fail-if", text, &error)),
        }
    }
    conditions
}

/// Tells where a condition is likely the wrong way round, and what it does as it is.
pub fn warn_upside_down(cli: &Cli, flag: &str, text: &str, condition: &Condition, what_it_does: &str) {
    if condition.is_upside_down() {
        let warning = super::emphasis("warning", cli.colour.stderr());
        tell(&format!("{warning}: {flag} {text} {what_it_does}: is the other side meant?"));
    }
}

/// Why a condition cannot be used, and what to write instead.
pub fn explained(flag: &str, text: &str, error: &ConditionError) -> String {
    match error {
        ConditionError::Unknown { name, known } => {
            let meant = nearest(name, known.iter().map(String::as_str));
            let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            format!("{flag} {text}: there is no metric {name:?}{meant}\nwhat there is: {}", known.join(", "))
        }
        error => format!("{flag} {text}: {error}"),
    }
}

/// The objectives of an OpenSLO file.
fn documents(path: &Path, asked: &mut Vec<(Condition, Origin)>, notes: &mut Vec<String>, problems: &mut Vec<String>) {
    let at = format!("--openslo {}", path.display());
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return problems.push(format!("{at}: {error}")),
    };
    match scenario::openslo(&text) {
        Ok(file) => {
            for target in file.targets {
                let metric = match target.budgeting {
                    Budgeting::Requests => "availability",
                    Budgeting::Time => "availability.time",
                };
                let condition = Condition::of(metric, Fails::Below, target.target);
                asked.extend(condition.map(|it| (it, Origin::OpenSlo(target.name))));
            }
            notes.extend(file.ignored.into_iter().map(|note| format!("OpenSLO: {note}")));
        }
        Err(wrong) => problems.extend(wrong.into_iter().map(|problem| format!("{at}: {problem}"))),
    }
}

fn baseline(path: &Path, problems: &mut Vec<String>) -> Option<Baseline> {
    let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
    match read.and_then(|text| Baseline::read(&text)) {
        Ok(baseline) => Some(baseline),
        Err(error) => {
            problems.push(format!("--baseline {}: {error}", path.display()));
            None
        }
    }
}

/// The objectives of a scenario as conditions.
pub fn objectives(design: &Design) -> Vec<Condition> {
    let wanted = &design.objectives;
    let objectives = [
        ("availability", Fails::Below, wanted.availability.map(|it| it.get())),
        ("recovery_time.p95", Fails::Above, wanted.recovery_time.map(|it| it.0)),
        ("data_loss.p95", Fails::Above, wanted.data_loss.map(|it| it.0)),
    ];
    objectives.into_iter().filter_map(|(name, fails, limit)| Condition::of(name, fails, limit?)).collect()
}

/// Every condition of every architecture: the objectives of its scenario, then what is asked of all.
fn conditions(designs: &[Design], asked: &[(Condition, Origin)]) -> Result<Vec<(usize, Condition, Origin)>, Failure> {
    let mut all = Vec::new();
    let mut nothing = Vec::new();
    for (index, design) in designs.iter().enumerate() {
        let before = all.len();
        all.extend(objectives(design).into_iter().map(|condition| (index, condition, Origin::Scenario)));
        all.extend(asked.iter().map(|(condition, origin)| (index, condition.clone(), origin.clone())));
        if all.len() == before {
            nothing.push(format!(
                "nothing is asked of {}: give it [objectives], or say what fails it, e.g. --fail-if 'availability<99.95%'",
                design.name
            ));
        }
    }
    if nothing.is_empty() { Ok(all) } else { Err(Failure::Usage(nothing.join("\n"))) }
}

/// Files to export to, with their formats.
fn targets<'a>(paths: &'a [PathBuf], problems: &mut Vec<String>) -> Vec<(&'a Path, Format<GateOutput>)> {
    let mut targets = Vec::new();
    for path in paths {
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html" | "htm") => Format::Page,
            Some("json") => Format::Text(GateOutput::Json),
            Some("xml") => Format::Text(GateOutput::Junit),
            Some("md") => Format::Text(GateOutput::Markdown),
            Some("txt") => Format::Text(GateOutput::Table),
            _ => {
                problems.push(format!(
                    "--export {}: the format follows from the extension, one of .html, .json, .xml (JUnit), .md, .txt",
                    path.display()
                ));
                continue;
            }
        };
        targets.push((path.as_path(), format));
    }
    targets
}

fn plain(output: GateOutput, gate: &Gate) -> String {
    match output {
        GateOutput::Table => report::gate_terminal(gate, 100, false, false),
        GateOutput::Json => report::gate_json(gate, Some(&command_line())),
        GateOutput::Junit => report::gate_junit(gate),
        GateOutput::Github => report::gate_github(gate),
        GateOutput::Markdown => report::gate_markdown(gate),
    }
}
