//! The twin against what can be worked out by hand: only then is its second opinion worth anything.

use crate::designs::{
    Adjust, Build, backup, balancer, check, check_by_law, cohort, copy, database, exp, fixed, name, pool, scaled,
    uniform, world,
};
use crate::dns::acted;
use crate::evidence::z_of_mean;
use crate::measure::Record;
use crate::random::Random;
use crate::world::replicate;
use ridethrough::law::Law;
use ridethrough::model::{CheckType, Design, Effect, HealthCheck, LoadBalancer, Need, Record as Answer, Scope, Stale};
use ridethrough::units::Seconds;

/// So many standard errors are taken for chance.
const CHANCE: f64 = 4.5;

fn histories(design: &Design, count: u64) -> Vec<Record> {
    (0..count).map(|seed| replicate(design, seed)).collect()
}

fn lost(design: &Design, count: u64) -> Vec<f64> {
    let all = histories(design, count);
    all.iter().map(|record| record.lost).collect()
}

fn assert_mean(values: &[f64], expected: f64) {
    let z = z_of_mean(values, expected);
    assert!(z.abs() < CHANCE, "z = {z}, expected {expected}");
}

fn assert_exact(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{value} instead of {expected}");
}

/// Integral over `0..=end` of the probability of being down, for a unit that starts up.
fn mean_down(fail: f64, mend: f64, end: f64) -> f64 {
    let rate = fail + mend;
    fail / rate * (end - (1.0 - (-rate * end).exp()) / rate)
}

/// Integral of the probability of the states marked as lost, of a birth-death chain that starts in state 0: Runge-Kutta.
fn mean_lost(births: &[f64], deaths: &[f64], lost: impl Fn(usize) -> bool, end: f64) -> f64 {
    let count = births.len() + 1;
    let slope = |state: &[f64]| -> Vec<f64> {
        let mut change = vec![0.0; count];
        for nth in 0..count - 1 {
            let flow = births[nth] * state[nth] - deaths[nth] * state[nth + 1];
            change[nth] -= flow;
            change[nth + 1] += flow;
        }
        change
    };
    let shifted = |state: &[f64], change: &[f64], by: f64| -> Vec<f64> {
        let pairs = state.iter().zip(change);
        pairs.map(|(value, change)| value + by * change).collect()
    };
    let steps = 20_000;
    let step = end / f64::from(steps);
    let mut state = vec![0.0; count];
    state[0] = 1.0;
    let mut sum = 0.0;
    for _ in 0..steps {
        let first = slope(&state);
        let second = slope(&shifted(&state, &first, 0.5 * step));
        let third = slope(&shifted(&state, &second, 0.5 * step));
        let fourth = slope(&shifted(&state, &third, step));
        let before: f64 = (0..count).filter(|&nth| lost(nth)).map(|nth| state[nth]).sum();
        for nth in 0..count {
            let slopes = first[nth] + 2.0 * second[nth] + 2.0 * third[nth] + fourth[nth];
            state[nth] += step / 6.0 * slopes;
        }
        let after: f64 = (0..count).filter(|&nth| lost(nth)).map(|nth| state[nth]).sum();
        sum += 0.5 * step * (before + after);
    }
    sum
}

#[test]
fn a_unit_that_is_up_and_down() {
    let design = world("two states", &[1], 5_000.0)
        .tier(pool("t", &[0], 1))
        .stack(0, Need::Tier(0))
        .fails("f", Scope::Unit(0), exp(400.0), exp(100.0))
        .done();
    let all = histories(&design, 2000);
    let expected = mean_down(1.0 / 400.0, 1.0 / 100.0, 5_000.0);
    let values: Vec<f64> = all.iter().map(|record| record.lost).collect();
    assert_mean(&values, expected);
    for record in &all {
        assert_exact(record.below, record.lost);
        let lengths: f64 = record.incidents.iter().map(|it| it.length).sum();
        assert_exact(lengths, record.lost);
        assert_eq!(
            record.incidents.iter().filter(|it| it.open).count(),
            usize::from(record.incidents.last().is_some_and(|it| it.open))
        );
    }
}

#[test]
fn three_of_five_with_as_many_crews_as_it_takes() {
    let design = world("k of n", &[1], 3_000.0)
        .tier(pool("t", &[0], 5).needs(3, None))
        .stack(0, Need::Tier(0))
        .fails("f", Scope::Unit(0), exp(300.0), exp(150.0))
        .done();
    let births: Vec<f64> = (0..5).map(|down| f64::from(5 - down) / 300.0).collect();
    let deaths: Vec<f64> = (1..=5).map(|down| f64::from(down) / 150.0).collect();
    let expected = mean_lost(&births, &deaths, |down| down > 2, 3_000.0);
    assert_mean(&lost(&design, 1500), expected);
}

#[test]
fn machine_repairman() {
    for crews in [1, 2] {
        let design = world("repairman", &[1], 3_000.0)
            .tier(pool("t", &[0], 4).needs(2, None).kept_by(Some(crews), Law::Never))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(400.0), exp(100.0))
            .done();
        let births: Vec<f64> = (0..4).map(|down| f64::from(4 - down) / 400.0).collect();
        let deaths: Vec<f64> = (1..=4).map(|down| f64::from(crews.min(down)) / 100.0).collect();
        let expected = mean_lost(&births, &deaths, |down| down > 2, 3_000.0);
        assert_mean(&lost(&design, 1500), expected);
    }
}

/// Two zones, the first of which fails once for 500 s after 1000 s.
fn zone_outage(check: HealthCheck, cross_zone: bool, zone_ttl: f64) -> Design {
    world("zone outage", &[2], 2_000.0)
        .tier(pool("t", &[0, 1], 2).balanced(LoadBalancer {
            cross_zone,
            zone_ttl: Seconds(zone_ttl),
            ..balancer(check)
        }))
        .stack(0, Need::Tier(0))
        .fails("f", Scope::Zones(vec![0]), fixed(1_000.0), fixed(500.0))
        .done()
}

#[test]
fn detection_of_fixed_length() {
    let detected = check_by_law(fixed(30.0), fixed(50.0));
    // Half of the clients at the dead node, half of the requests of the others to the dead unit, for 30 s.
    let cross = replicate(&zone_outage(detected.clone(), true, 0.0), 1);
    assert_exact(cross.lost, 30.0 * 0.75);
    assert_exact(cross.below, 30.0);
    assert_eq!(cross.incidents.len(), 1);
    // The clients of the dead node stay for a residual of 60 s.
    let later = lost(&zone_outage(detected.clone(), true, 60.0), 2000);
    assert_mean(&later, 30.0 * 0.75 + 0.5 * 30.0);
    // Without cross-zone only the clients of the dead node suffer, for a residual of 60 s from when it is known to be dead.
    let apart = lost(&zone_outage(detected, false, 60.0), 2000);
    assert_mean(&apart, 0.5 * (30.0 + 30.0));
}

#[test]
fn detection_by_interval_and_threshold() {
    // All units of the tier at one of two units: only the unit's check counts, the nodes stay.
    let design = world("interval", &[1], 2_000.0)
        .tier(pool("t", &[0], 2).balanced(balancer(check())))
        .stack(0, Need::Tier(0))
        .fails("f", Scope::Unit(0), fixed(1_000.0), fixed(500.0))
        .done();
    // Both units fail at once: everything is lost until both are back.
    assert_exact(replicate(&design, 3).lost, 500.0);
    let one = zone_outage(check(), false, 0.0);
    let values = lost(&one, 4000);
    // Node and unit are detected each by its own phase; the first of the two ends the loss of 1/2: without cross-zone a
    // node without a target in routing is removed as well. Mean of the lesser of two uniform phases: a third.
    assert_mean(&values, 0.5 * (20.0 + 10.0 / 3.0));
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    assert!(least >= 10.0 && most <= 15.0);
}

#[test]
fn clients_of_a_name_leave_over_one_ttl() {
    let design = |stale, zones: &[usize]| {
        let mut dns = name(Answer::Failover(vec![0, 1]));
        dns.check = Some(check_by_law(fixed(30.0), fixed(40.0)));
        dns.cohorts = vec![cohort("all", 1.0, 60.0, stale)];
        world("dns", zones, 1_690.0)
            .dependency("d", 1.0)
            .stack(0, Need::Dependency(0))
            .stack(1, Need::Dependency(0))
            .fails("f", Scope::Regions(vec![0]), fixed(100.0), fixed(1_500.0))
            .dns(dns)
            .done()
    };
    let honest = replicate(&design(Stale::None, &[1, 1]), 1);
    assert_exact(honest.lost, 30.0 + 30.0);
    assert_exact(honest.below, 30.0 + 0.99 * 60.0);
    let late = replicate(&design(Stale::Fixed(Seconds(25.0)), &[1, 1]), 1);
    assert_exact(late.lost, 30.0 + 30.0 + 25.0);
    let stale = replicate(&design(Stale::Exponential(Seconds(20.0)), &[1, 1]), 1);
    assert_exact(stale.lost, 30.0 + 30.0 + 20.0);
}

#[test]
fn staleness_is_a_uniform_and_an_exponential_time() {
    let mut random = Random::new(5);
    for age in [10.0, 60.0, 100.0] {
        let hits: Vec<f64> = (0..20_000)
            .map(|_| {
                let wait = random.uniform() * 60.0 + random.sample(&exp(20.0));
                f64::from(u8::from(wait <= age))
            })
            .collect();
        assert_mean(&hits, acted(age, 60.0, 20.0));
    }
}

#[test]
fn a_boot_that_outlasts_the_grace_period_never_ends() {
    let design = |boot: f64| {
        world("grace", &[1], 10_000.0)
            .tier(
                scaled("t", &[0], 1, CheckType::Elb)
                    .balanced(balancer(check_by_law(fixed(30.0), fixed(10.0))))
                    .scaling(|it| {
                        it.grace = Seconds(300.0);
                        it.boot = fixed(boot);
                    }),
            )
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), fixed(7_000.0), Law::Never)
            .done()
    };
    let never = replicate(&design(331.0), 1);
    assert_eq!(never.lost, 3_000.0);
    assert!(never.incidents.len() == 1 && never.incidents[0].open);
    // Verdict 30 s, launch 20 s, boot, first check 10 s.
    assert_exact(replicate(&design(330.0), 1).lost, 30.0 + 20.0 + 330.0 + 10.0);
}

#[test]
fn replacement_in_a_group_of_two_zones() {
    let design = world("replaced", &[2], 4_000.0)
        .tier(
            scaled("t", &[0, 1], 2, CheckType::Elb)
                .balanced(balancer(check_by_law(fixed(30.0), fixed(10.0))))
                .needs(2, None),
        )
        .stack(0, Need::Tier(0))
        .fails("f", Scope::Zones(vec![0]), fixed(1_000.0), fixed(500.0))
        .done();
    // Down until the second unit runs in the other zone; the way back is free.
    assert_exact(replicate(&design, 1).lost, (30.0 + 20.0 + 40.0 + 10.0) * 2.0);
}

#[test]
fn a_standby_takes_over() {
    let design = |ttl: f64| {
        world("standby", &[2], 10_000.0)
            .database(ridethrough::model::Database {
                standby: Some(copy(1)),
                endpoint_ttl: Seconds(ttl),
                ..database("d", 0)
            })
            .stack(0, Need::Database(0))
            .fails("f", Scope::Zones(vec![0]), fixed(6_000.0), fixed(3_000.0))
            .done()
    };
    assert_exact(replicate(&design(0.0), 1).lost, 15.0 + 5.0 + 40.0);
    assert_mean(&lost(&design(8.0), 2000), 60.0 + 4.0);
    assert!(replicate(&design(8.0), 1).losses.is_empty());
}

#[test]
fn a_backup_is_half_an_interval_old() {
    let design = world("backup", &[1], 2_500.0)
        .database(ridethrough::model::Database { backup: Some(backup(700.0, fixed(200.0))), ..database("d", 0) })
        .stack(0, Need::Database(0))
        .fails("f", Scope::Node(0), fixed(1_000.0), fixed(1.0))
        .with_mode(|mode| mode.effect = Effect::Kill)
        .done();
    let all = histories(&design, 3000);
    let ages: Vec<f64> = all.iter().map(|record| record.losses[0].0).collect();
    assert_mean(&ages, 350.0);
    for record in &all {
        assert_eq!(record.losses.len(), 2);
        assert_exact(record.losses[0].1, 3.0 * record.losses[0].0);
        assert_exact(record.lost, 2.0 * (15.0 + 10.0 + 200.0));
    }
}

#[test]
fn crews_take_both_modes_first_come_first_served() {
    // One unit with two modes and one crew: a fails at 100, b at 110; b waits until 150 and ends at 200.
    let design = world("line", &[1], 300.0)
        .tier(pool("t", &[0], 1).kept_by(Some(1), Law::Never))
        .stack(0, Need::Tier(0))
        .fails("a", Scope::Unit(0), fixed(100.0), fixed(50.0))
        .fails("b", Scope::Unit(0), fixed(110.0), fixed(50.0))
        .done();
    // a fails again at 250, 50 s before the end.
    assert_exact(replicate(&design, 1).lost, 100.0 + 50.0);
}

#[test]
fn uniform_repairs_have_their_mean() {
    let design = world("uniform", &[1], 1_000.0)
        .dependency("d", 0.25)
        .stack(0, Need::Dependency(0))
        .fails("f", Scope::Dependency(0), fixed(600.0), uniform(50.0, 150.0))
        .done();
    assert_mean(&lost(&design, 2000), 25.0);
}
