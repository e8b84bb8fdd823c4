//! The Markov chain of a small design whose laws are made of phases, generated from the design and the rules of the scenario reference.
//!
//! A state holds the phase of every process and stage that is under way; units of a tier in a zone are alike, so they are kept in order and
//! only how many are in which state counts. What takes no time happens on the way from one state to the next ([`Machine::settle`]).

use super::chain::Chain;
use super::chance::Chance;
use super::closed::ROUNDING;
use super::fleet::{Group, Units};
use super::flow::{Lane, States, load, requests};
use super::phases::Phases;
use super::site::{Part, Site, Stand};
use super::store::{Data, Store};
use super::{Budget, Measures, Obstacle};
use crate::law::Law;
use crate::model::{Effect, FailureMode, Scope, Upkeep};
use std::collections::HashMap;

/// Sums and products that are as much work as finding a way out of a state: so many, and more for each unit.
const WAY: (f64, f64) = (600.0, 40.0);

/// In the byte of a process: it is down, in the phase that the other bits say.
const DOWN: u8 = 0x80;

/// A failure mode as phases.
#[derive(Debug, Clone)]
pub(super) struct Mode {
    life: Phases,
    fresh: u8,
    repair: Phases,
}

impl Mode {
    /// Phases of a mode. A mode whose repair takes no time never shows, and is left out by the caller.
    pub fn new(mode: &FailureMode) -> Result<Mode, Obstacle> {
        let key = |what: &str| format!("failure.{}.{what}", mode.name);
        let life = Phases::new(&mode.mttf).filter(|life| life.single().is_some());
        let life = life.ok_or_else(|| not_memoryless(key("mttf"), &mode.mttf))?;
        if mode.age.is_some() && mode.mttf.is_exponential().is_none() {
            return Err(Obstacle::new(key("age"), "a chain begins with everything new"));
        }
        let repair = Phases::new(&mode.repair).ok_or_else(|| not_memoryless(key("repair"), &mode.repair))?;
        Ok(Mode { fresh: life.single().unwrap_or(0), life, repair })
    }

    /// The modes of the nodes of a database that show, and whether each takes the data of a node.
    pub fn of_nodes(site: &Site, database: usize, obstacles: &mut Vec<Obstacle>) -> Vec<(Mode, bool)> {
        let kills = |mode: &FailureMode| mode.effect == Effect::Kill;
        let mut modes = Vec::new();
        for mode in site.of_nodes(database).into_iter().filter(|mode| !mode.repair.is_zero() || kills(mode)) {
            match Mode::new(mode) {
                Ok(phases) => modes.push((phases, kills(mode))),
                Err(obstacle) => obstacles.push(obstacle),
            }
        }
        modes
    }

    /// New, and up.
    pub fn fresh(&self) -> u8 {
        self.fresh
    }

    /// Whether the byte of its process says that it is down.
    pub fn is_down(byte: u8) -> bool {
        byte & DOWN != 0
    }

    /// What comes next, with its rates.
    pub fn steps(&self, byte: u8) -> Vec<(f64, u8)> {
        let (law, down) = if Mode::is_down(byte) { (&self.repair, true) } else { (&self.life, false) };
        let (rate, next) = law.leave(byte & !DOWN);
        match next {
            Some(phase) => vec![(rate, phase | if down { DOWN } else { 0 })],
            None if down => vec![(rate, self.fresh)],
            None => {
                let to = |(weight, phase): &(f64, Option<u8>)| (rate * weight, phase.map_or(self.fresh, |p| p | DOWN));
                self.repair.starts.iter().map(to).collect()
            }
        }
    }
}

/// Why a law is in the way.
pub(super) fn not_memoryless(key: impl Into<String>, law: &Law) -> Obstacle {
    Obstacle::new(key, format!("{law} is not made of exponential phases")).of_law()
}

/// A law as phases, or the obstacle that it is.
pub(super) fn phases(key: impl Into<String>, law: &Law) -> Result<Phases, Obstacle> {
    Phases::new(law).ok_or_else(|| not_memoryless(key, law))
}

/// A process of a place or part.
#[derive(Debug, Clone)]
struct Process {
    scope: Scope,
    mode: Mode,
    kills: bool,
}

/// Which places are up.
#[derive(Debug, Clone)]
pub(super) struct Around<'a> {
    site: &'a Site<'a>,
    down: Vec<&'a Scope>,
    killing: Vec<&'a Scope>,
}

impl Around<'_> {
    fn any(scopes: &[&Scope], covers: impl Fn(&Scope) -> bool) -> bool {
        scopes.iter().any(|scope| covers(scope))
    }

    /// The region serves.
    pub fn region(&self, region: usize) -> bool {
        !Around::any(&self.down, |scope| match scope {
            Scope::Regions(regions) => regions.contains(&region),
            Scope::Global => true,
            _ => false,
        })
    }

    /// Nothing is down that takes everything down.
    pub fn everything(&self) -> bool {
        !self.down.contains(&&Scope::Global)
    }

    /// The zone itself is up.
    pub fn zone(&self, zone: usize) -> bool {
        !Around::any(&self.down, |scope| matches!(scope, Scope::Zones(zones) if zones.contains(&zone)))
    }

    /// The zone and its region are up.
    pub fn hosts(&self, zone: usize) -> bool {
        self.zone(zone) && self.region(self.site.design.zones[zone].region)
    }

    /// Launches and promotions can begin in the region.
    pub fn can_act(&self, region: usize) -> bool {
        self.region(region)
            && !Around::any(&self.down, |scope| match scope {
                Scope::ControlPlanes(regions) => regions.contains(&region),
                Scope::GlobalControlPlane => true,
                _ => false,
            })
    }

    /// A mode of the part as a whole is on.
    pub fn whole(&self, part: Part) -> bool {
        !Around::any(&self.down, |scope| match part {
            Part::Fleet { tier, region } => *scope == Scope::Tier(tier, region),
            Part::Dependency(index) => *scope == Scope::Dependency(index),
            Part::Database(_) | Part::Copy { .. } => false,
        })
    }

    /// What kills the region as a whole is still on.
    pub fn killing_region(&self, region: usize) -> bool {
        Around::any(&self.killing, |scope| match scope {
            Scope::Regions(regions) => regions.contains(&region),
            Scope::Global => true,
            _ => false,
        })
    }

    /// What kills in the zone is still on.
    pub fn killing(&self, zone: usize) -> bool {
        let in_zone = |scope: &Scope| matches!(scope, Scope::Zones(zones) if zones.contains(&zone));
        Around::any(&self.killing, in_zone) || self.killing_region(self.site.design.zones[zone].region)
    }
}

/// All that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    processes: Vec<u8>,
    fleets: Vec<Units>,
    databases: Vec<Data>,
}

/// The rules of a design.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    site: &'a Site<'a>,
    processes: Vec<Process>,
    groups: Vec<(usize, Group)>,
    /// By database.
    stores: Vec<(usize, Store)>,
}

/// A generated chain with what each state loses.
#[derive(Debug)]
pub(super) struct Generated {
    /// Its rates; state 0 has everything up.
    pub chain: Chain,
    /// Share of the requests that each state loses.
    pub lost: Vec<f64>,
    down: Vec<bool>,
}

impl Generated {
    /// What a distribution over the states amounts to.
    pub fn measures(&self, weights: &[f64]) -> Measures {
        let lost = self.lost.iter().zip(weights).map(|(lost, weight)| lost * weight).sum();
        let down = self.down.iter().zip(weights).map(|(down, weight)| if *down { *weight } else { 0.0 }).sum();
        let mut falls = 0.0;
        for (from, row) in self.chain.rates.iter().enumerate().filter(|(from, _)| !self.down[*from]) {
            falls += weights[from] * row.iter().filter(|(to, _)| self.down[*to]).map(|(_, rate)| rate).sum::<f64>();
        }
        Measures::new(lost, down, falls)
    }

    /// The chance of being down after so much time (s) in each state, from a start with everything up: how often it has fallen less how
    /// often it has come back.
    pub fn open(&self, spent: &[f64]) -> f64 {
        let turns = |from: usize| {
            let away = self.chain.rates[from].iter().filter(|(to, _)| self.down[*to] != self.down[from]);
            spent[from] * away.map(|(_, rate)| rate).sum::<f64>()
        };
        (0..spent.len()).map(|state| if self.down[state] { -turns(state) } else { turns(state) }).sum()
    }
}

impl<'a> Machine<'a> {
    /// Takes the rules from a design.
    ///
    /// # Errors
    /// With every law and mechanism that no state can remember.
    pub fn new(site: &'a Site<'a>) -> Result<Machine<'a>, Vec<Obstacle>> {
        let mut obstacles: Vec<Obstacle> = site.name_moves().into_iter().collect();
        let mut processes = Vec::new();
        for mode in &site.design.failures {
            if matches!(mode.scope, Scope::Unit(_) | Scope::Node(_)) {
                continue;
            }
            if mode.effect == Effect::Kill && mode.repair.is_zero() {
                let why = "none is worked out here: what a place kills that is back at once";
                obstacles.push(Obstacle::new(format!("failure.{}.repair", mode.name), why));
            }
            for scope in split(&mode.scope).into_iter().filter(|scope| matters(site, mode, scope)) {
                match Mode::new(mode) {
                    Ok(phases) => {
                        processes.push(Process { scope, mode: phases, kills: mode.effect == Effect::Kill });
                    }
                    Err(obstacle) => obstacles.push(obstacle),
                }
            }
        }
        let (mut groups, mut stores): (_, Vec<(usize, Store)>) = (Vec::new(), Vec::new());
        for (index, part) in site.parts.iter().enumerate() {
            match *part {
                Part::Fleet { tier, region } => match Group::new(site, tier, region) {
                    Ok(group) => groups.push((index, group)),
                    Err(found) => obstacles.extend(found),
                },
                Part::Database(database) | Part::Copy { database, .. } => {
                    if stores.iter().any(|(known, _)| *known == database) {
                        continue;
                    }
                    match Store::new(site, database) {
                        Ok(rules) => stores.push((database, rules)),
                        Err(found) => obstacles.extend(found),
                    }
                }
                Part::Dependency(_) => {}
            }
        }
        if obstacles.is_empty() {
            Ok(Machine { site, processes, groups, stores })
        } else {
            obstacles.dedup();
            Err(obstacles)
        }
    }

    /// Generates all states that are reached from "everything up".
    ///
    /// # Errors
    /// When there are too many.
    pub fn generate(&self, budget: &mut Budget) -> Result<Generated, Vec<Obstacle>> {
        let start = State {
            processes: self.processes.iter().map(|process| process.mode.fresh()).collect(),
            fleets: self.groups.iter().map(|(_, group)| group.start()).collect(),
            databases: self.stores.iter().map(|(_, store)| store.start()).collect(),
        };
        // Only ever looked up: the order of the states is that in which they are found.
        let mut known: HashMap<State, usize> = HashMap::new();
        let mut states = vec![start.clone()];
        known.insert(start, 0);
        let mut chain = Chain::default();
        let (mut lost, mut down) = (Vec::new(), Vec::new());
        let tolerated = 1.0 - self.site.design.up_threshold.get() + ROUNDING;
        let units: usize = states[0].fleets.iter().map(Units::count).sum();
        let way = WAY.0 + WAY.1 * units as f64;
        let mut next = 0;
        while next < states.len() {
            let state = states[next].clone();
            let loses = self.lost(&state);
            lost.push(loses);
            down.push(loses > tolerated);
            let mut row: Vec<(usize, f64)> = Vec::new();
            let mut ways = 0;
            for (rate, to) in self.steps(&state) {
                let mut settled = Vec::new();
                self.settle(to, rate, &mut settled);
                ways += settled.len();
                for (rate, to) in settled {
                    let count = states.len();
                    let index = *known.entry(to.clone()).or_insert(count);
                    if index == count {
                        states.push(to);
                    }
                    if index == next || rate == 0.0 {
                        continue;
                    }
                    match row.iter_mut().find(|(known, _)| *known == index) {
                        Some((_, sum)) => *sum += rate,
                        None => row.push((index, rate)),
                    }
                }
            }
            chain.rates.push(row);
            if states.len() > budget.states || !budget.spend(ways as f64 * way) {
                let many = states.len().min(budget.states);
                let why =
                    format!("the Markov chain has more than {many} states: too many parts, units or phases at once");
                return Err(vec![Obstacle::new("tier", why)]);
            }
            next += 1;
        }
        Ok(Generated { chain, lost, down })
    }

    fn around(&self, state: &State) -> Around<'_> {
        let on = || {
            (self.processes.iter().zip(&state.processes)).filter(|(_, byte)| Mode::is_down(**byte)).map(|(it, _)| it)
        };
        Around {
            site: self.site,
            down: on().map(|process| &process.scope).collect(),
            killing: on().filter(|process| process.kills).map(|process| &process.scope).collect(),
        }
    }

    /// What can happen, with its rates (1/s); what follows at once is left to [`Machine::settle`].
    fn steps(&self, state: &State) -> Vec<(f64, State)> {
        let mut steps = Vec::new();
        for (index, process) in self.processes.iter().enumerate() {
            let before = state.processes[index];
            for (rate, after) in process.mode.steps(before) {
                let mut to = state.clone();
                to.processes[index] = after;
                if process.kills && Mode::is_down(after) && !Mode::is_down(before) {
                    let around = self.around(&to);
                    for ((_, group), units) in self.groups.iter().zip(&mut to.fleets) {
                        group.kill(units, &around);
                    }
                    for ((_, store), data) in self.stores.iter().zip(&mut to.databases) {
                        store.kill(data, &around);
                    }
                }
                if Mode::is_down(before) && !Mode::is_down(after) {
                    let (was, is) = (self.around(state), self.around(&to));
                    for ((_, group), units) in self.groups.iter().zip(&mut to.fleets) {
                        group.returns(units, &was, &is);
                    }
                }
                steps.push((rate, to));
            }
        }
        let around = self.around(state);
        for (index, (_, group)) in self.groups.iter().enumerate() {
            for (rate, units) in group.steps(&state.fleets[index], &around) {
                let mut to = state.clone();
                to.fleets[index] = units;
                steps.push((rate, to));
            }
        }
        for (index, (_, store)) in self.stores.iter().enumerate() {
            for (rate, data) in store.steps(&state.databases[index], &around) {
                let mut to = state.clone();
                to.databases[index] = data;
                steps.push((rate, to));
            }
        }
        steps
    }

    /// Follows what takes no time, with its chances.
    fn settle(&self, mut state: State, rate: f64, out: &mut Vec<(f64, State)>) {
        let around = self.around(&state);
        for (index, (_, group)) in self.groups.iter().enumerate() {
            if let Some(branches) = group.settle(&state.fleets[index], &around) {
                for (weight, units) in branches {
                    let mut to = state.clone();
                    to.fleets[index] = units;
                    self.settle(to, rate * weight, out);
                }
                return;
            }
        }
        for (index, (_, store)) in self.stores.iter().enumerate() {
            if let Some(branches) = store.settle(&state.databases[index], &around) {
                for (weight, data) in branches {
                    let mut to = state.clone();
                    to.databases[index] = data;
                    self.settle(to, rate * weight, out);
                }
                return;
            }
        }
        self.groups.iter().zip(&mut state.fleets).for_each(|((_, group), units)| group.sort(units));
        self.stores.iter().zip(&mut state.databases).for_each(|((_, store), data)| store.sort(data));
        out.push((rate, state));
    }

    /// Share of the requests that the state loses.
    fn lost(&self, state: &State) -> f64 {
        let around = self.around(state);
        let mut parts: Vec<States> = vec![Vec::new(); self.site.parts.len()];
        for (part, (index, lanes)) in self.site.parts.iter().zip(parts.iter_mut().enumerate()) {
            let ways = match *part {
                Part::Dependency(dependency) => {
                    let it = &self.site.design.dependencies[dependency];
                    let up = around.whole(*part) && it.region.is_none_or(|region| around.region(region));
                    let share = if up { 1.0 } else { 1.0 - it.cost.get() };
                    vec![Lane::of(share, f64::INFINITY)]
                }
                Part::Fleet { .. } => {
                    let position = self.groups.iter().position(|(its, _)| *its == index);
                    position.map_or_else(Vec::new, |group| {
                        if around.whole(*part) {
                            self.groups[group].1.lanes(&state.fleets[group], &around)
                        } else {
                            vec![]
                        }
                    })
                }
                Part::Database(database) | Part::Copy { database, .. } => {
                    let position = self.stores.iter().position(|(its, _)| *its == database);
                    let region = if let Part::Copy { region, .. } = *part { Some(region) } else { None };
                    position.map_or_else(Vec::new, |position| {
                        let data = &state.databases[position];
                        vec![Lane::that_serves(self.stores[position].1.serves(data, region, &around))]
                    })
                }
            };
            *lanes = vec![(Chance::ONE, ways)];
        }
        let demand = self.site.design.demand.rate.0;
        let mut lost = 0.0;
        for stack in &self.site.stacks {
            let load = load(&self.site.design.demand, stack.weight);
            let served = if around.region(stack.region) {
                stack.structure.served(load, &parts).iter().map(|(_, served)| requests(*served)).sum()
            } else {
                0.0
            };
            lost += (requests(load) - served).max(0.0) / demand;
        }
        if lost > 1e-14 { lost } else { 0.0 }
    }
}

/// One process for each place of a scope.
fn split(scope: &Scope) -> Vec<Scope> {
    match scope {
        Scope::Zones(zones) => zones.iter().map(|zone| Scope::Zones(vec![*zone])).collect(),
        Scope::Regions(regions) => regions.iter().map(|region| Scope::Regions(vec![*region])).collect(),
        Scope::ControlPlanes(regions) => regions.iter().map(|region| Scope::ControlPlanes(vec![*region])).collect(),
        other => vec![other.clone()],
    }
}

/// It can change anything: it happens, lasts, and covers something that is there.
fn matters(site: &Site, mode: &FailureMode, scope: &Scope) -> bool {
    let stands = |covers: &dyn Fn(Stand) -> bool| {
        site.parts.iter().any(|part| match *part {
            Part::Fleet { tier, region } => {
                site.zones_of(tier, region).iter().any(|(zone, _)| covers(Stand::Zone(*zone)))
            }
            Part::Database(database) | Part::Copy { database, .. } => {
                let zones = site.reach_of(database).into_iter().map(Stand::Zone);
                site.stands_of(database).into_iter().chain(zones).any(covers)
            }
            Part::Dependency(_) => false,
        })
    };
    let acts = |covers: &dyn Fn(usize) -> bool| {
        site.parts.iter().any(|part| match *part {
            Part::Fleet { tier, region } => {
                matches!(site.design.tiers[tier].upkeep, Upkeep::AutoScaling(_)) && covers(region)
            }
            Part::Database(database) => {
                let nodes = site.stands_of(database);
                let promoted = site.design.databases[database].quorum.is_none() && nodes.len() > 1;
                promoted && nodes.into_iter().filter_map(|node| site.region_of(node)).any(covers)
            }
            Part::Copy { .. } | Part::Dependency(_) => false,
        })
    };
    let in_region = |region: usize| {
        let lives =
            |part: &Part| matches!(*part, Part::Dependency(it) if site.design.dependencies[it].region == Some(region));
        site.stacks.iter().any(|stack| stack.region == region)
            || site.parts.iter().any(lives)
            || stands(&|stand| site.region_of(stand) == Some(region))
    };
    let happens = mode.mttf.mean() < f64::INFINITY && !mode.repair.is_zero();
    happens
        && match scope {
            Scope::ControlPlanes(regions) => acts(&|region| regions.contains(&region)),
            Scope::GlobalControlPlane => acts(&|_| true),
            Scope::Zones(zones) => stands(&|stand| matches!(stand, Stand::Zone(zone) if zones.contains(&zone))),
            Scope::Regions(regions) => regions.iter().any(|region| in_region(*region)),
            Scope::Dependency(index) => site.parts.contains(&Part::Dependency(*index)),
            Scope::Tier(tier, region) => site.parts.contains(&Part::Fleet { tier: *tier, region: *region }),
            _ => true,
        }
}
