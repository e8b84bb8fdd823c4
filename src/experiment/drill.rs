//! A drill: failures at known times in an otherwise quiet system, repeated so that what chance decides is seen.

use super::Options;
use super::budget::distribution;
use crate::law::Law;
use crate::model::{Design, Effect, FailureMode, Injection, Routing, Scope, Symptom};
use crate::simulation::{MOST_KEPT, Outcome, Plan, PlanError, Replica, Stop, injectable};
use crate::statistics::{Estimate, Moments, Spread, proportion};
use crate::study::{CutSets, Drill, DrillObjective, Drills, Resilience, Strike};
use crate::units::{Fraction, Seconds};
use rayon::prelude::*;

/// When a failure comes unless somebody says when: a whole number of weeks and two days after a Monday at midnight.
pub const DRILL_AT: Seconds = Seconds(30.0 * 86_400.0);
/// How often a drill is repeated unless somebody says how often.
pub const DRILL_REPLICATIONS: u64 = 500;
/// How long a failure lasts if neither the scenario nor the user says so.
const LASTING: Seconds = Seconds(3_600.0);
/// A drill is watched at least so long after its last failure.
const WATCHED: f64 = 7.0 * 86_400.0;
/// And so many times as long as its failures last on average.
const TIMES: f64 = 5.0;
/// A set of parts is a cut if the service is down after each of so many repetitions.
const TIMES_FOR_SURE: u64 = 3;
/// Pairs are looked for among so many parts at most.
const MOST_PARTS: usize = 120;
/// Lost time that is nothing but rounding (s).
const ROUNDING: f64 = 1e-9;

/// A failure that is to be injected, as asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Where, as `zone:use1-az1`, or the name of a failure mode, or `mode@place`.
    pub place: String,
    /// When.
    pub at: Seconds,
    /// How long; none for as long as the scenario says.
    pub lasting: Option<Seconds>,
}

/// Why a drill cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrillError {
    /// The design cannot be compiled.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nothing is called like that.
    #[error("nothing in the architecture is called {asked}; what can fail: {}", .all.join(", "))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// All that there is.
        all: Vec<String>,
    },
    /// More than one thing is called like that.
    #[error("{asked} can be any of {}: say which", .among.join(", "))]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// What it can be.
        among: Vec<String>,
    },
    /// The scenario has no failure mode and nobody said what is to fail.
    #[error("the scenario has no failure mode: say what is to fail, e.g. --fail {example}")]
    Nothing {
        /// Something that can fail.
        example: String,
    },
}

/// Something that can be made to fail.
#[derive(Debug, Clone)]
struct Candidate {
    label: String,
    mode: FailureMode,
    place: usize,
    /// The scenario has the mode.
    known: bool,
}

/// Holds one drill with these failures.
///
/// # Errors
/// When the design cannot be compiled, or a place is unknown or ambiguous.
pub fn drill(design: &Design, asked: &[Asked], options: &Options) -> Result<Drills, DrillError> {
    let candidates = candidates(design)?;
    let mut found = Vec::new();
    for each in asked {
        found.push((find(&candidates, &each.place)?.clone(), each.at, each.lasting));
    }
    found.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let drill = hold(design, &found, options)?;
    Ok(drills(design, vec![drill], None, options))
}

/// Holds a drill for each failure mode of the scenario, at each of its places in turn, and looks for single points of failure.
///
/// # Errors
/// When the design cannot be compiled, or there is nothing that fails.
pub fn resilience(design: &Design, options: &Options) -> Result<Drills, DrillError> {
    let candidates = candidates(design)?;
    let known: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.known).collect();
    if known.is_empty() {
        return Err(DrillError::Nothing {
            example: candidates.first().map_or_else(String::new, |it| it.label.clone()),
        });
    }
    let held: Result<Vec<Drill>, PlanError> =
        (known.par_iter()).map(|candidate| hold(design, &[((*candidate).clone(), DRILL_AT, None)], options)).collect();
    let cuts = cut_sets(design, &candidates, options)?;
    Ok(drills(design, held?, Some(cuts), options))
}

/// The single points of failure of the structure, whether the scenario lets them fail or not: parts that take the service down for as
/// long as they are down.
///
/// # Errors
/// When the design cannot be compiled.
pub fn single_points(design: &Design, options: &Options) -> Result<Vec<String>, DrillError> {
    let candidates = candidates(design)?;
    let parts = parts(&candidates);
    let alone = alone(design, &parts, options)?;
    Ok(parts.iter().zip(alone).filter(|(_, cut)| *cut).map(|(part, _)| part.label.clone()).collect())
}

fn drills(design: &Design, drills: Vec<Drill>, cuts: Option<CutSets>, options: &Options) -> Drills {
    Drills {
        name: design.name.clone(),
        seed: options.seed,
        level: options.level,
        demand: design.demand.rate.0,
        drills,
        cuts,
        assumptions: design.assumptions.clone(),
    }
}

/// Everything that can be made to fail: what the scenario's failure modes cover, then what none of them does.
fn candidates(design: &Design) -> Result<Vec<Candidate>, PlanError> {
    let mut all = design.clone();
    let plain = |scope: Scope| FailureMode {
        name: String::new(),
        scope,
        mttf: Law::Never,
        repair: Law::Fixed(LASTING.0),
        effect: Effect::Mask,
        symptom: Symptom::Instance,
        error: Fraction::ONE,
        age: None,
    };
    let regions: Vec<usize> = (0..design.regions.len()).collect();
    let known = design.failures.len();
    all.failures.push(plain(Scope::Zones((0..design.zones.len()).collect())));
    all.failures.push(plain(Scope::Regions(regions.clone())));
    all.failures.extend((0..design.databases.len()).map(|index| plain(Scope::Node(index))));
    for tier in 0..design.tiers.len() {
        all.failures.push(plain(Scope::Unit(tier)));
        all.failures.extend(regions.iter().map(|region| plain(Scope::Tier(tier, *region))));
    }
    all.failures.extend((0..design.dependencies.len()).map(|index| plain(Scope::Dependency(index))));
    all.failures.push(plain(Scope::ControlPlanes(regions)));
    all.failures.push(plain(Scope::GlobalControlPlane));
    all.failures.push(plain(Scope::Global));
    let mut candidates: Vec<Candidate> = Vec::new();
    for (index, (mode, names)) in all.failures.iter().zip(injectable(&all)?).enumerate() {
        for (place, name) in names.into_iter().enumerate() {
            let label = name.replacen('/', ":", 1);
            let known = index < known;
            if known || candidates.iter().all(|other| other.label != label) {
                candidates.push(Candidate { label, mode: mode.clone(), place, known });
            }
        }
    }
    Ok(candidates)
}

/// What is meant by a name: a place, a part of it, a failure mode, or a failure mode at a place.
fn find<'a>(candidates: &'a [Candidate], asked: &str) -> Result<&'a Candidate, DrillError> {
    let (mode, place) = match asked.split_once('@') {
        Some((mode, place)) => (Some(mode), place),
        None => (None, asked),
    };
    let part = format!("{place}/");
    let fits = |candidate: &&Candidate| {
        let there = candidate.label == place || candidate.label.starts_with(&part);
        match mode {
            Some(mode) => there && candidate.mode.name == mode,
            None => there || (candidate.known && candidate.mode.name == place),
        }
    };
    let mut found: Vec<&Candidate> = candidates.iter().filter(fits).collect();
    // Of several modes of one place that takes it down which is an outage, before one that corrupts or fails a part.
    found.sort_by_key(|it| it.mode.effect == Effect::Corrupt || matches!(it.mode.symptom, Symptom::Gray { .. }));
    let Some(&first) = found.first() else {
        let mut all: Vec<String> = candidates.iter().map(|candidate| candidate.label.clone()).collect();
        all.dedup();
        return Err(DrillError::Unknown { asked: asked.to_owned(), all });
    };
    // The first node of a database is its primary.
    let first_node = matches!(first.mode.scope, Scope::Node(_));
    let others = || found.iter().filter(|other| other.label != first.label && other.mode.scope != first.mode.scope);
    let same_mode = found.iter().filter(|other| other.mode == first.mode && other.place != first.place).count();
    if !first_node && (same_mode > 0 || others().next().is_some()) {
        let mut among: Vec<String> = found.iter().map(|candidate| candidate.label.clone()).collect();
        among.dedup();
        return Err(DrillError::Ambiguous { asked: asked.to_owned(), among });
    }
    Ok(first)
}

/// The design without anything that fails by itself, but for what is injected.
fn quiet(design: &Design, found: &[(Candidate, Seconds, Option<Seconds>)], endless: bool) -> Design {
    let mut quiet = design.clone();
    quiet.failures.clear();
    quiet.changes.clear();
    quiet.maintenance.clear();
    quiet.injections.clear();
    for tier in &mut quiet.tiers {
        if let Some(balancer) = &mut tier.load_balancer {
            balancer.check.false_positive = Fraction::ZERO;
        }
    }
    if let Routing::Dns(dns) = &mut quiet.routing
        && let Some(check) = &mut dns.check
    {
        check.false_positive = Fraction::ZERO;
    }
    let (mut last, mut longest) = (0.0f64, 0.0f64);
    for (number, (candidate, at, lasting)) in found.iter().enumerate() {
        let law = match lasting {
            _ if endless && candidate.mode.effect != Effect::Corrupt => Law::Never,
            Some(lasting) => Law::Fixed(lasting.0),
            None => candidate.mode.repair.clone(),
        };
        let mean = law.mean();
        last = last.max(at.0);
        longest = longest.max(if mean.is_finite() { mean } else { 0.0 });
        let name = if candidate.known { candidate.mode.name.clone() } else { candidate.label.clone() };
        let repair = if candidate.mode.effect == Effect::Corrupt { law.clone() } else { candidate.mode.repair.clone() };
        quiet.failures.push(FailureMode {
            name: if found.len() > 1 { format!("{} {name}", number + 1) } else { name },
            mttf: Law::Never,
            age: None,
            repair,
            ..candidate.mode.clone()
        });
        quiet.injections.push(Injection { mode: number, place: candidate.place, at: *at, duration: law });
    }
    quiet.warm_up = Seconds::ZERO;
    quiet.horizon = Seconds(last + WATCHED.max(TIMES * longest));
    quiet
}

/// One repetition.
struct Seen {
    down: f64,
    recovery: Option<f64>,
    longest: f64,
    open: bool,
    stages: [f64; 5],
    data: f64,
    unrecoverable: bool,
    logged_out: f64,
}

impl Seen {
    fn new(outcome: &Outcome, from: f64) -> Seen {
        let mut stages = [0.0; 5];
        for lost in outcome.lost {
            stages.iter_mut().zip(lost).for_each(|(sum, lost)| *sum += lost);
        }
        let lengths = outcome.incidents.iter().map(|incident| incident.end - incident.start);
        let open = outcome.incidents.iter().any(|incident| incident.open);
        let last = outcome.incidents.last().map(|incident| incident.end - from);
        Seen {
            down: outcome.down,
            recovery: last.filter(|_| !open),
            longest: lengths.fold(0.0, f64::max),
            open,
            stages,
            data: outcome.losses.gone.iter().map(|loss| loss.age).fold(0.0, f64::max),
            unrecoverable: !outcome.losses.unrecoverable.is_empty(),
            logged_out: outcome.users_logged_out,
        }
    }
}

fn repeat(design: &Design, options: &Options) -> Result<Vec<Seen>, PlanError> {
    let plan = Plan::new(design)?;
    let mut replica = Replica::new(&plan);
    let from = design.injections.iter().map(|injection| injection.at.0).fold(f64::INFINITY, f64::min);
    let each = |number| match replica.run_unless(&plan, options.seed, number, &Stop::never()) {
        Ok(outcome) => Ok(Seen::new(&outcome, from)),
        Err(_) => Err(PlanError::TooEventful { limit: MOST_KEPT }),
    };
    (0..options.replications).map(each).collect()
}

fn hold(
    design: &Design,
    found: &[(Candidate, Seconds, Option<Seconds>)],
    options: &Options,
) -> Result<Drill, PlanError> {
    let level = options.level;
    let seen = repeat(&quiet(design, found, false), options)?;
    let endless = repeat(&quiet(design, found, true), options)?;
    let n = options.replications;
    let share = |of: &[Seen], holds: &dyn Fn(&Seen) -> bool| {
        proportion(of.iter().filter(|it| holds(it)).count() as u64, n, level)
    };
    let values = |value: &dyn Fn(&Seen) -> Option<f64>| {
        let (mut moments, mut spread) = (Moments::new(), Spread::new());
        for value in seen.iter().filter_map(value) {
            moments.push(value);
            spread.push(value);
        }
        (moments, spread)
    };
    let over = |value: &dyn Fn(&Seen) -> Option<f64>| {
        let (moments, spread) = values(value);
        distribution(&moments, &spread, level)
    };
    let lost = over(&|it| Some(it.stages.iter().sum()));
    let stuck = share(&endless, &|it| it.open);
    let interrupted = share(&seen, &|it| it.down > ROUNDING);
    let resilience = match stuck.estimate {
        most if most > 0.5 => Resilience::SinglePointOfFailure,
        _ if interrupted.estimate > 0.0 || stuck.estimate > 0.0 => Resilience::HighlyAvailable,
        _ => Resilience::FaultTolerant,
    };
    let objectives = &design.objectives;
    let met = |name, limit: Option<Seconds>, value: &dyn Fn(&Seen) -> f64| {
        limit.map(|limit| DrillObjective { name, limit, met: share(&seen, &|it| value(it) <= limit.0) })
    };
    let stores = !design.databases.is_empty();
    let recovery =
        met("recovery_time", objectives.recovery_time, &|it| if it.open { f64::INFINITY } else { it.longest });
    let data = met("data_loss", objectives.data_loss, &|it| if it.unrecoverable { f64::INFINITY } else { it.data });
    Ok(Drill {
        strikes: (found.iter())
            .map(|(candidate, at, lasting)| Strike {
                place: candidate.label.clone(),
                mode: candidate.known.then(|| candidate.mode.name.clone()),
                at: *at,
                lasting: lasting.map_or_else(|| candidate.mode.repair.describe(), |lasting| lasting.to_string()),
            })
            .collect(),
        replications: n,
        resilience,
        stuck,
        interrupted,
        open: share(&seen, &|it| it.open),
        downtime: over(&|it| Some(it.down)),
        recovery: over(&|it| it.recovery),
        lost_requests: requests(&lost.mean, design.demand.rate.0, level),
        lost,
        stages: std::array::from_fn(|stage| over(&|it| Some(it.stages[stage]))),
        logged_out: design.sessions.is_some().then(|| over(&|it| Some(it.logged_out))),
        data_loss: stores.then(|| over(&|it| Some(it.data))),
        objectives: [recovery, data.filter(|_| stores)].into_iter().flatten().collect(),
    })
}

fn requests(lost: &Option<Estimate>, rate: f64, level: f64) -> Estimate {
    let nothing = Estimate { estimate: 0.0, low: 0.0, high: 0.0, level, method: "nothing lost" };
    lost.map_or(nothing, |lost| lost.scale(rate))
}

/// What can be taken out of the structure as a whole, by name.
fn parts(candidates: &[Candidate]) -> Vec<&Candidate> {
    let takes_down = |candidate: &&Candidate| {
        let everything =
            matches!(candidate.mode.scope, Scope::ControlPlanes(_) | Scope::GlobalControlPlane | Scope::Global);
        let partial = candidate.mode.effect == Effect::Corrupt || candidate.mode.error < Fraction::ONE;
        !everything && !partial && !matches!(candidate.mode.symptom, Symptom::Gray { .. })
    };
    let mut parts: Vec<&Candidate> = Vec::new();
    for candidate in candidates.iter().filter(takes_down) {
        if parts.iter().all(|part| part.label != candidate.label) {
            parts.push(candidate);
        }
    }
    parts.sort_by(|a, b| a.label.cmp(&b.label));
    parts
}

/// Whether the service is down as long as all of these are.
fn is_cut(design: &Design, set: &[&Candidate], options: &Options) -> Result<bool, PlanError> {
    // What chance decides is no property of the structure: it has to be down each time.
    let options = Options { replications: TIMES_FOR_SURE, ..options.clone() };
    let found: Vec<_> = set.iter().map(|part| ((*part).clone(), DRILL_AT, None)).collect();
    Ok(repeat(&quiet(design, &found, true), &options)?.iter().all(|seen| seen.open))
}

fn alone(design: &Design, parts: &[&Candidate], options: &Options) -> Result<Vec<bool>, PlanError> {
    parts.par_iter().map(|part| is_cut(design, &[part], options)).collect()
}

/// Parts that take the service down for as long as they are down, alone or with another one: each part of the structure fails for good, and
/// each pair of those that are none by themselves. What stands in the place of a part has a week to do so.
fn cut_sets(design: &Design, candidates: &[Candidate], options: &Options) -> Result<CutSets, PlanError> {
    let parts = parts(candidates);
    let alone = alone(design, &parts, options)?;
    let names = |wanted: bool| parts.iter().zip(&alone).filter(move |(_, cut)| **cut == wanted).map(|(part, _)| *part);
    let others: Vec<&Candidate> = names(false).collect();
    let mut pairs = None;
    if others.len() <= MOST_PARTS {
        let all: Vec<[&Candidate; 2]> = (0..others.len())
            .flat_map(|i| (i + 1..others.len()).map(move |j| (i, j)))
            .map(|(i, j)| [others[i], others[j]])
            .collect();
        let cut: Vec<bool> =
            all.par_iter().map(|pair| is_cut(design, pair, options)).collect::<Result<_, PlanError>>()?;
        let cut = all.iter().zip(cut).filter(|(_, cut)| *cut);
        pairs = Some(cut.map(|(pair, _)| pair.map(|part| part.label.clone())).collect());
    }
    Ok(CutSets { single: names(true).map(|part| part.label.clone()).collect(), pairs })
}
