//! What must hold between histories of one architecture and of another, whatever either loses: for architectures drawn at random,
//! of everything the engine knows.
//!
//! Some of it holds for each history, to rounding; some only for the laws of histories, and is judged as in `drawn`.

use crate::architectures::{Architect, Chance};
use crate::designs::{Adjust, Build, exp, pool, world};
use crate::drawn::{by_engine, compare, count, first, histories};
use crate::times::{Twice, WithoutClocks, visit};
use rayon::prelude::*;
use ridethrough::law::Law;
use ridethrough::model::{Design, Need, Record, Routing, Scope, Upkeep};
use ridethrough::simulation::{Outcome, Plan, Replica};

/// Histories of an architecture.
const HISTORIES: u64 = 3;
/// Relative difference that is rounding.
const ROUNDING: f64 = 1e-9;

fn whole(seed: u64) -> Design {
    Architect::new(seed, Chance::Any).whole_architecture()
}

fn plan(design: &Design) -> Plan {
    Plan::new(design).expect("what is drawn is sound")
}

/// All that a history left behind, to be compared digit by digit.
fn told(outcome: &Outcome<'_>) -> String {
    // The number of events says how a history was worked off.
    format!("{:?}", Outcome { events: 0, ..*outcome })
}

/// Checks something of many architectures and says which fail.
fn all(what: &str, check: impl Fn(u64) -> Result<(), String> + Sync) {
    let found: Vec<String> = (first()..first() + count())
        .into_par_iter()
        .filter_map(|seed| check(seed).err().map(|problem| format!("architecture {seed}: {problem}")))
        .collect();
    println!("{what}: {} architectures, from seed {}: {} fail", count(), first(), found.len());
    assert!(found.is_empty(), "{}", found[..found.len().min(20)].join("\n"));
}

fn close(what: &str, one: f64, other: f64, scale: f64) -> Result<(), String> {
    if (one - other).abs() <= ROUNDING * scale.abs().max(one.abs()).max(1.0) {
        return Ok(());
    }
    Err(format!("{what}: {one} and {other}"))
}

#[test]
fn parts_add_up_and_nothing_is_lost_twice() {
    all("parts add up", |seed| {
        let design = whole(seed);
        let plan = plan(&design);
        let mut replica = Replica::new(&plan);
        let counted = design.horizon.get() - design.warm_up.get();
        for history in 0..HISTORIES {
            let outcome = replica.run(&plan, seed, history);
            let cells = outcome.lost.iter().flatten();
            if let Some(cell) = cells.clone().find(|cell| !cell.is_finite() || **cell < 0.0) {
                return Err(format!("a part of the lost time is {cell}"));
            }
            let lost: f64 = cells.sum();
            let left = counted - outcome.excluded.time;
            if lost > left * (1.0 + ROUNDING) {
                return Err(format!("{lost} s of {left} s lost"));
            }
            let length: f64 = outcome.incidents.iter().map(|it| it.end - it.start).sum();
            close("time below the threshold", length, outcome.down, left)?;
            if outcome.down > left * (1.0 + ROUNDING) {
                return Err(format!("{} s of {left} s below the threshold", outcome.down));
            }
            close("lost by period", outcome.judged.iter().sum(), lost, left)?;
            if let Some(apart) = outcome.apart {
                close("reads and writes", apart[0] + apart[1], lost, left)?;
            }
            let within: f64 = outcome.incidents.iter().map(|it| it.judged).sum();
            if within > lost + ROUNDING * left {
                return Err(format!("{within} s lost in incidents, {lost} s in all"));
            }
            let ordered = outcome.incidents.windows(2).all(|pair| pair[0].end <= pair[1].start);
            if !ordered || outcome.incidents.iter().any(|it| it.start >= it.end) {
                return Err("incidents overlap".to_owned());
            }
        }
        Ok(())
    });
}

#[test]
fn a_history_can_be_cut_anywhere_and_go_on() {
    all("cut anywhere", |seed| {
        let mut architect = Architect::new(seed, Chance::Any);
        let design = architect.whole_architecture();
        let plan = plan(&design);
        let (mut one, mut other) = (Replica::new(&plan), Replica::new(&plan));
        for history in 0..HISTORIES {
            let undisturbed = told(&one.run(&plan, seed, history));
            let mut cuts = [0, 1, 2].map(|_| design.horizon.get() * architect.random.uniform());
            cuts.sort_by(f64::total_cmp);
            one.begin(&plan, seed, history);
            for cut in cuts {
                one.advance(&plan, cut);
                // What the copy had in its memory before, and what becomes of the first one, must not matter.
                other.clone_from(&one);
                one.run(&plan, seed, history + 1_000);
                std::mem::swap(&mut one, &mut other);
            }
            one.advance(&plan, f64::INFINITY);
            let went_on = told(&one.finish(&plan));
            if went_on != undisturbed {
                return Err(format!("history {history}, cut at {cuts:?}: {undisturbed} became {went_on}"));
            }
        }
        Ok(())
    });
}

/// A design, and the same with a failure mode more that never comes.
fn with_a_mode_that_never_comes(seed: u64) -> (Design, Design) {
    let mut architect = Architect::new(seed, Chance::Any);
    let design = architect.whole_architecture();
    let mut with = architect.with_another_failure(design.clone(), "never");
    let mode = with.failures.iter_mut().find(|mode| mode.name == "never").expect("it was added");
    (mode.mttf, mode.age) = (Law::Never, None);
    (design, with)
}

#[test]
fn a_mode_that_never_comes_is_as_if_it_were_not_there() {
    all("a mode that never comes", |seed| {
        let (design, with) = with_a_mode_that_never_comes(seed);
        let (without, with_it) = (plan(&design), plan(&with));
        // How repairs of units are drawn depends on all modes of them: another history of the same law.
        if with.failures.iter().any(|mode| mode.mttf == Law::Never && matches!(mode.scope, Scope::Unit(_))) {
            return Ok(());
        }
        for nth in 0..HISTORIES {
            let (one, other) = (by_engine(&without, seed, nth), by_engine(&with_it, seed, nth));
            if one != other {
                return Err(format!("history {nth}: {one:?} became {other:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_mode_that_never_comes_changes_no_law() {
    let evidence = compare(first()..first() + count(), |seed| {
        let (design, with) = with_a_mode_that_never_comes(seed);
        (histories(&plan(&design), seed), histories(&plan(&with), seed + 1_000_000_007), design)
    });
    evidence.expect_none("a mode that never comes");
}

#[test]
fn all_times_twice_as_long_lose_twice_as_long() {
    all("all times twice as long", |seed| {
        let mut design = whole(seed);
        visit(&mut design, &mut WithoutClocks);
        let usual = plan(&design);
        visit(&mut design, &mut Twice);
        let slow = plan(&design);
        for nth in 0..HISTORIES {
            let (one, other) = (by_engine(&usual, seed, nth), by_engine(&slow, seed, nth));
            let scaled = [2.0 * one[0], 2.0 * one[1], one[2], one[3], one[4], one[5]];
            if scaled != other {
                return Err(format!("history {nth}: {one:?} became {other:?}"));
            }
        }
        Ok(())
    });
}

/// Puts everything into the opposite order, under other names.
fn reversed(design: &Design) -> Design {
    let mut it = design.clone();
    let (tiers, databases, dependencies) = (it.tiers.len(), it.databases.len(), it.dependencies.len());
    let regions = it.regions.len();
    let region = |id: usize| regions - 1 - id;
    it.regions.reverse();
    let mut order: Vec<usize> = (0..it.zones.len()).collect();
    order.sort_by_key(|zone| (region(design.zones[*zone].region), *zone));
    let zone = |id: usize| order.iter().position(|old| *old == id).expect("every zone stays");
    it.zones = order.iter().map(|old| design.zones[*old].clone()).collect();
    it.zones.iter_mut().for_each(|zone| zone.region = region(zone.region));
    for tier in &mut it.tiers {
        tier.zones.iter_mut().for_each(|id| *id = zone(*id));
        tier.zones.sort_unstable();
    }
    for database in &mut it.databases {
        database.primary = zone(database.primary);
        for copy in [&mut database.standby, &mut database.replica].into_iter().flatten() {
            copy.zone = zone(copy.zone);
        }
    }
    for dependency in &mut it.dependencies {
        dependency.region = dependency.region.map(region);
    }
    fn turn(need: &mut Need, last: &dyn Fn(&mut Need)) {
        match need {
            Need::AllOf(of) | Need::AnyOf(of) | Need::KOf { of, .. } => of.iter_mut().for_each(|part| turn(part, last)),
            leaf => last(leaf),
        }
    }
    for stack in &mut it.stacks {
        stack.region = region(stack.region);
        turn(&mut stack.requires, &|leaf| match leaf {
            Need::Tier(id) => *id = tiers - 1 - *id,
            Need::Database(id) => *id = databases - 1 - *id,
            Need::Dependency(id) => *id = dependencies - 1 - *id,
            _ => {}
        });
    }
    it.stacks.reverse();
    if let Routing::Dns(dns) = &mut it.routing {
        match &mut dns.record {
            Record::Failover(order) => order.iter_mut().for_each(|id| *id = region(*id)),
            Record::Weighted(weights) => weights.iter_mut().for_each(|(id, _)| *id = region(*id)),
            Record::Latency(populations) => {
                populations.iter_mut().flat_map(|it| &mut it.prefers).for_each(|id| *id = region(*id));
            }
        }
    }
    for mode in &mut it.failures {
        match &mut mode.scope {
            Scope::Unit(id) => *id = tiers - 1 - *id,
            Scope::Tier(id, of) => (*id, *of) = (tiers - 1 - *id, region(*of)),
            Scope::Node(id) => *id = databases - 1 - *id,
            Scope::Dependency(id) => *id = dependencies - 1 - *id,
            Scope::Zones(ids) => ids.iter_mut().for_each(|id| *id = zone(*id)),
            Scope::Regions(ids) | Scope::ControlPlanes(ids) => ids.iter_mut().for_each(|id| *id = region(*id)),
            Scope::GlobalControlPlane | Scope::Global => {}
        }
    }
    it.tiers.reverse();
    it.databases.reverse();
    it.dependencies.reverse();
    it.failures.reverse();
    it.tiers.iter_mut().enumerate().for_each(|(nth, tier)| tier.name = format!("tier-{nth}"));
    it.databases.iter_mut().enumerate().for_each(|(nth, database)| database.name = format!("database-{nth}"));
    it.dependencies.iter_mut().enumerate().for_each(|(nth, dependency)| dependency.name = format!("dependency-{nth}"));
    it.failures.iter_mut().enumerate().for_each(|(nth, mode)| mode.name = format!("mode-{nth}"));
    it
}

#[test]
fn other_names_in_another_order_change_nothing_else() {
    let evidence = compare(first()..first() + count(), |seed| {
        let design = Architect::new(seed, Chance::Any).architecture();
        let (one, other) = (plan(&design), plan(&reversed(&design)));
        (histories(&one, seed), histories(&other, seed + 1_000_000_007), design)
    });
    evidence.expect_none("names in the opposite order");
}

#[test]
fn a_unit_more_never_hurts_where_nothing_is_shared() {
    let evidence = compare(first()..first() + count(), |seed| {
        let mut architect = Architect::new(seed, Chance::Any);
        let zones: Vec<usize> = (0..1 + architect.below(3)).collect();
        let units = 1 + architect.below(5) as u32;
        let required = 1 + architect.below(units as usize) as u32;
        let tier = pool("web", &zones, units).needs(required, None);
        let design = world("more", &[zones.len()], 8_000.0).tier(tier).stack(0, Need::Tier(0));
        let (life, repair) = (architect.law(800.0, 6_000.0), architect.law(10.0, 600.0));
        let outage = architect.law(800.0, 6_000.0);
        let design =
            design.fails("unit", Scope::Unit(0), life, repair).fails("zone", Scope::Zones(zones), outage, exp(200.0));
        let mut more = design.clone();
        if let Upkeep::Pool { units, .. } = &mut more.tiers[0].upkeep {
            *units += 1;
        }
        (histories(&plan(&more), seed), histories(&plan(&design), seed + 1_000_000_007), design)
    });
    evidence.expect_less("lost time", "a unit more");
}

#[test]
fn an_alternative_more_never_hurts() {
    all("an alternative more", |seed| {
        let mut architect = Architect::new(seed, Chance::Any);
        let design = architect.architecture();
        // Where DNS looks at whether a region serves anything, one that serves a little is not left.
        if matches!(design.routing, Routing::Dns(_)) {
            return Ok(());
        }
        let (cost, life) = (architect.share(), architect.law(400.0, 4_000.0));
        let added = design.dependencies.len();
        let more = design.clone().dependency("zzz", cost.get()).with(|it| {
            let before = it.stacks[0].requires.clone();
            it.stacks[0].requires = Need::AnyOf(vec![before, Need::Dependency(added)]);
        });
        let more = more.fails("zzz", Scope::Dependency(added), life, exp(300.0));
        for nth in 0..HISTORIES {
            let (one, other) = (by_engine(&plan(&design), seed, nth), by_engine(&plan(&more), seed, nth));
            if other[0] > one[0] * (1.0 + ROUNDING) {
                return Err(format!("history {nth}: {} s became {} s", one[0], other[0]));
            }
        }
        Ok(())
    });
}

#[test]
fn what_a_replica_did_before_does_not_matter() {
    all("memory that was used before", |seed| {
        let plan = plan(&whole(seed));
        let mut used = Replica::new(&plan);
        for nth in 0..HISTORIES {
            let fresh = told(&Replica::new(&plan).run(&plan, seed, nth));
            used.run(&plan, seed, nth + 1_000);
            let again = told(&used.run(&plan, seed, nth));
            if fresh != again {
                return Err(format!("history {nth}: {fresh} became {again}"));
            }
        }
        Ok(())
    });
}
