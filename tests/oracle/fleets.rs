//! Units, pools, zones, load balancers, auto scaling, dependencies.

use super::{HOUR, certain, exact, lost, near, simulate};

/// One unit with one failure mode, in the steady state; times in hours.
fn unit(life: &str, repair: &str) -> String {
    format!(
        "simulation = {{ horizon = '600h', warm_up = '400h' }}
         region.r.zones = ['a']
         tier.t.pool.units = 1
         failure.f = {{ scope = 'unit:t', mttf = {life}, repair = {repair} }}"
    )
}

/// Renewal theory: whatever the laws, a stationary alternating process is down MTTR / (MTTF + MTTR) of the time, and fails once per
/// MTTF + MTTR.
#[test]
fn an_alternating_process_depends_on_its_means_only() {
    let lives = [
        ("'10h'", "{ exponential = '1h' }"),
        ("{ weibull = { mean = '10h', shape = 0.8 } }", "{ lognormal = { mean = '1h', sigma = 1.0 } }"),
        ("{ lognormal = { mean = '10h', sigma = 0.9 } }", "'1h'"),
        ("{ gamma = { mean = '10h', shape = 2.5 } }", "{ weibull = { mean = '1h', shape = 2.0 } }"),
        ("{ uniform = ['5h', '15h'] }", "{ erlang = { mean = '1h', stages = 3 } }"),
        ("{ hyperexponential = { means = ['2h', '18h'], weights = [0.5, 0.5] } }", "{ uniform = ['30m', '90m'] }"),
    ];
    for (life, repair) in lives {
        let summary = simulate(&unit(life, repair), 2_000);
        near(summary.unavailability_request, 1.0 / 11.0);
        near(summary.unavailability_time, 1.0 / 11.0);
        // Each incident that starts before the window or is cut off by its end still counts once: 1/11 of replications begin in one.
        near(summary.incidents_per_year, (200.0 / 11.0 + 1.0 / 11.0) * 8_760.0 / 200.0);
    }
}

/// Two exponential laws from new: P(down at t) = l / (l + m) (1 - exp(-(l + m) t)), integrated to T.
#[test]
fn a_new_unit_is_better_than_a_stationary_one() {
    let text = unit("'10h'", "{ exponential = '1h' }").replace("'600h', warm_up = '400h'", "'3h'");
    let (l, m, t) = (0.1, 1.0, 3.0);
    let down = l / (l + m) * t - l / f64::powi(l + m, 2) * (1.0 - f64::exp(-(l + m) * t));
    near(simulate(&text, 20_000).unavailability_request, down / t);
}

/// Fixed times: down for one day after every ten, and the last day is cut off by the end but counts.
#[test]
fn fixed_times_are_counted_exactly() {
    let text = unit("{ fixed = '10d' }", "'1d'").replace("'600h', warm_up = '400h'", "'110d'");
    let summary = certain(&text);
    exact(summary.unavailability_request.estimate, 10.0 / 110.0);
    exact(summary.incidents_per_year.estimate, 10.0 * 365.0 / 110.0);
    assert_eq!(summary.open_incidents, 2);
    exact(summary.recovery_time.p50.unwrap().estimate, 86_400.0);
}

fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let choose = (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
    choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
}

/// Independent repair: the number of units that are down is binomial.
#[test]
fn four_of_five_with_a_repairman_each() {
    let text = "simulation = { horizon = '250h', warm_up = '50h' }
         region.r.zones = ['a']
         tier.t = { required = 4, pool.units = 5 }
         failure.f = { scope = 'unit:t', mttf = '10h', repair = { exponential = '1h' } }";
    let down: f64 = (2..=5).map(|k| binomial(5, k, 1.0 / 11.0)).sum();
    near(simulate(text, 1_500).unavailability_request, down);
}

/// Machine repairman: a birth and death chain, state j with rate (4 - j) / 10 up and min(j, c) down.
#[test]
fn three_of_four_with_few_crews() {
    for crews in [1u32, 2] {
        let text = format!(
            "simulation = {{ horizon = '250h', warm_up = '50h' }}
             region.r.zones = ['a']
             tier.t = {{ required = 3, pool = {{ units = 4, crews = {crews} }} }}
             failure.f = {{ scope = 'unit:t', mttf = '10h', repair = {{ exponential = '1h' }} }}"
        );
        let mut weights = vec![1.0];
        for j in 0..4 {
            let up = f64::from(4 - j) / 10.0;
            weights.push(weights[j as usize] * up / f64::from((j + 1).min(crews)));
        }
        let total: f64 = weights.iter().sum();
        near(simulate(&text, 2_000).unavailability_request, weights[2..].iter().sum::<f64>() / total);
    }
}

/// Two modes of one unit are two independent processes, and it is up when both are.
#[test]
fn two_modes_of_a_unit_multiply() {
    let text = unit("'10h'", "{ exponential = '1h' }")
        + "\nfailure.g = { scope = 'unit:t', mttf = '20h', repair = { lognormal = { mean = '2h', sigma = 0.8 } } }";
    near(simulate(&text, 2_000).unavailability_request, 1.0 - 100.0 / 121.0);
}

/// Zones and a region mask their units: sum over the states of the region and of three zones, then over the units in the zones that are up.
#[test]
fn zones_and_region_mask_units() {
    let text = "simulation = { horizon = '600h', warm_up = '200h' }
         region.r.zones = ['a', 'b', 'c']
         tier.t = { required = 4, pool.units = 6 }
         failure.unit = { scope = 'unit:t', mttf = '20h', repair = { exponential = '1h' } }
         failure.zone = { scope = 'zone', mttf = '60h', repair = { lognormal = { mean = '2h', sigma = 1.0 } } }
         failure.region = { scope = 'region', mttf = '100h', repair = { exponential = '3h' } }";
    let zone_up: f64 = 60.0 / 62.0;
    let mut up = 0.0;
    for zones in 0..=3u32 {
        let enough: f64 = (4..=6).filter(|k| *k <= 2 * zones).map(|k| binomial(2 * zones, k, 20.0 / 21.0)).sum();
        up += binomial(3, zones, zone_up) * enough;
    }
    near(simulate(text, 2_500).unavailability_request, 1.0 - up * 100.0 / 103.0);
}

/// A zone that kills: its unit is back the replacement time after the end of the outage, not at its end.
#[test]
fn killed_units_come_back_after_their_replacement() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a']
         tier.t.pool = { units = 1, replacement = '30m' }
         failure.zone = { scope = 'zone', mttf = { fixed = '10h' }, repair = '1h', effect = 'EFFECT' }";
    exact(lost(&certain(&text.replace("EFFECT", "mask")), 20.0 * HOUR), HOUR);
    exact(lost(&certain(&text.replace("EFFECT", "kill")), 20.0 * HOUR), 1.5 * HOUR);
}

/// One of three zones fails. Before detection a third of the targets fails and, since a node dies with its zone, a third of the
/// clients does not get in: 1 - 4/9 is lost.
#[test]
fn a_zone_outage_loses_requests_until_it_is_detected() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a', 'b', 'c']
         [tier.t]
         pool.units = 3
         load_balancer = { detection = '30s', recovery = '60s', cross_zone = CROSS, zone_ttl = 'TTL' }
         [failure.zone]
         scope = 'zone:a'
         mttf = { fixed = '10h' }
         repair = '1h'";
    let with = |cross: &str, ttl: &str| text.replace("CROSS", cross).replace("TTL", ttl);
    exact(lost(&certain(&with("true", "0s")), 20.0 * HOUR), 30.0 * 5.0 / 9.0);
    exact(lost(&certain(&with("false", "0s")), 20.0 * HOUR), 30.0 / 3.0);
    // Then clients keep the dead node's address for a residual with mean 30 s.
    let summary = simulate(&with("true", "60s"), 2_000);
    near(summary.unavailability_request, (30.0 * 5.0 / 9.0 + 30.0 / 3.0) / (20.0 * HOUR));
}

/// With interval 30 s and two failures, target and node are each detected after their own U(30, 60): with p(t) the probability of
/// not being detected, 1 - (1 - p/3)^2 is lost, and p has the integral 45, its square 40.
#[test]
fn every_target_is_checked_at_its_own_phase() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a', 'b', 'c']
         tier.t = { pool.units = 3, load_balancer = { interval = '30s', unhealthy_threshold = 2 } }
         failure.zone = { scope = 'zone:a', mttf = { fixed = '10h' }, repair = '1h' }";
    near(simulate(text, 2_000).unavailability_request, (2.0 / 3.0 * 45.0 - 40.0 / 9.0) / (20.0 * HOUR));
}

/// Shallow checks never see a hang: the unit keeps its share until it is repaired, so requests are lost as if each met a random unit.
#[test]
fn a_shallow_check_does_not_see_a_hang() {
    let text = "simulation = { horizon = '150h', warm_up = '50h' }
         region.r.zones = ['a']
         tier.t = { pool.units = 4, load_balancer.deep = DEEP }
         failure.f = { scope = 'unit:t', mttf = '100h', repair = '10m', symptom = 'hang' }";
    let shallow = simulate(&text.replace("DEEP", "false"), 3_000);
    near(shallow.unavailability_request, (1.0 / 6.0) / (100.0 + 1.0 / 6.0));
    // Deep: 50 s on average (15 + 30 + timeout 5), of a quarter of the requests, 4 / 100 times an hour. While one is out the next
    // fails a third: that happens to 4 / 100 / 6 of them at most, far below the interval.
    let deep = simulate(&text.replace("DEEP", "true"), 6_000);
    near(deep.unavailability_request, 50.0 / 4.0 * 4.0 / 100.0 / HOUR);
}

/// If every target is out, all get traffic: the service is back when the unit is, and not a recovery delay later.
#[test]
fn a_balancer_with_no_healthy_target_fails_open() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a']
         tier.t = { pool.units = 1, load_balancer = { detection = '30s', recovery = '5m' } }
         failure.f = { scope = 'unit:t', mttf = { fixed = '10h' }, repair = '10m' }";
    exact(lost(&certain(text), 20.0 * HOUR), 600.0);
}

/// What exceeds the capacity of the units that are left is lost: three units of 40 carry 100, two carry 80.
#[test]
fn capacity_loss_is_weighted_by_requests() {
    let text = "simulation = { horizon = '250h', warm_up = '50h', up_threshold = 0.5 }
         demand.rate = '100/s'
         region.r.zones = ['a']
         tier.t = { pool.units = 3, capacity = '40/s' }
         failure.f = { scope = 'unit:t', mttf = '10h', repair = { exponential = '1h' } }";
    let p = 1.0 / 11.0;
    let lost: f64 = [(1, 0.2), (2, 0.6), (3, 1.0)].iter().map(|(k, share)| binomial(3, *k, p) * share).sum();
    let summary = simulate(text, 1_500);
    near(summary.unavailability_request, lost);
    near(summary.unavailability_time, binomial(3, 2, p) + binomial(3, 3, p));
}

const GROUP: &str = "simulation.horizon = 'HORIZON'
     region.r.zones = ['a']
     [tier.t.auto_scaling]
     desired = 1
     check = 'ec2'
     status_check.detection = '60s'
     terminate = '10s'
     launch = '40s'
     boot = '100s'
     [failure.f]
     scope = 'unit:t'
     mttf = { fixed = '10h' }";

/// Detection, termination, launch and boot follow each other: 210 s per failure, three failures in 31 hours.
#[test]
fn a_replacement_takes_the_sum_of_its_stages() {
    let summary = certain(&GROUP.replace("HORIZON", "31h"));
    exact(lost(&summary, 31.0 * HOUR), 630.0);
    exact(summary.recovery_time.max.unwrap(), 210.0);
}

/// An EC2 check does not see a crash of the application: nothing replaces the unit.
#[test]
fn an_ec2_check_does_not_see_a_crash() {
    let text = GROUP.replace("HORIZON", "31h") + "\nsymptom = 'crash'";
    exact(lost(&certain(&text), 31.0 * HOUR), 21.0 * HOUR);
}

/// Launches that fail half the time, 60 s apart: two attempts on average.
#[test]
fn failed_launches_are_tried_again() {
    let text = GROUP.replace("HORIZON", "20h").replace("'60s'", "'0s'").replace("'10s'", "'0s'");
    let text = text.replace("launch = '40s'", "launch = '40s'\n launch_failure = 0.5\n retry = '60s'");
    near(simulate(&text, 4_000).recovery_time.mean.unwrap(), 2.0 * 40.0 + 60.0 + 100.0);
}

const GRACE: &str = "simulation.horizon = '20h'
     region.r.zones = ['a']
     [tier.t.auto_scaling]
     desired = 1
     check = 'elb'
     grace = 'GRACE'
     launch = '40s'
     boot = '400s'
     [tier.t.load_balancer]
     [failure.f]
     scope = 'unit:t'
     mttf = { fixed = '10h' }";

/// A boot of 400 s always outlasts a grace period of 300 s, which ends at 360 s at the latest: never again in service.
#[test]
fn a_boot_that_outlasts_the_grace_period_never_ends() {
    exact(lost(&certain(&GRACE.replace("GRACE", "300s")), 20.0 * HOUR), 10.0 * HOUR);
}

/// With 420 s it passes: 45 s to detect, 40 s to launch, and the first check at or after 400 s is uniform on (400, 430).
#[test]
fn a_boot_within_the_grace_period_passes_its_first_check() {
    near(simulate(&GRACE.replace("GRACE", "420s"), 3_000).recovery_time.mean.unwrap(), 45.0 + 40.0 + 415.0);
}

/// Between the two a boot of 400 s passes when 345 + U is at least 400 s, U uniform on (0, 30)... with a grace period of 355 s the verdict
/// falls at 385 + U: half of the launches (U at least 15) pass, the others are given up and launched again.
#[test]
fn a_boot_near_the_end_of_the_grace_period_passes_sometimes() {
    // A failed launch costs 40 s + 385 s + U, U uniform on (0, 15); the first check of one that passes is at 385 + U, U on (15, 30): it is
    // the first at or after 400 s on its own lattice.
    let failed = 40.0 + 385.0 + 7.5;
    let passed = 40.0 + 385.0 + 22.5;
    near(simulate(&GRACE.replace("GRACE", "355s"), 4_000).recovery_time.mean.unwrap(), 45.0 + failed + passed);
}

/// Independent dependencies: hard and soft in series, any-of and two-of-three in parallel.
#[test]
fn structures_of_dependencies_follow_probability() {
    let world = "simulation = { horizon = '400h', warm_up = '100h' }
         region.r.zones = ['a']
         dependency = { x = {}, y = {}, z = {}, soft = { cost = 0.3 } }
         failure.x = { scope = 'dependency:x', mttf = '9h', repair = { exponential = '1h' } }
         failure.y = { scope = 'dependency:y', mttf = '8h', repair = { uniform = ['1h', '3h'] } }
         failure.z = { scope = 'dependency:z', mttf = '7h', repair = { lognormal = { mean = '3h', sigma = 0.7 } } }
         failure.soft = { scope = 'dependency:soft', mttf = '5h', repair = { exponential = '5h' } }
         stack.s.requires = ";
    let (x, y, z) = (0.9, 0.8, 0.7);
    let two_of_three = x * y * z + x * y * (1.0 - z) + x * (1.0 - y) * z + (1.0 - x) * y * z;
    let cases = [
        ("['x', 'y']", x * y),
        ("['x', 'soft']", x * (1.0 - 0.3 * 0.5)),
        ("[{ any_of = ['x', 'y'] }]", 1.0 - (1.0 - x) * (1.0 - y)),
        ("[{ any_of = ['soft', 'x'] }]", 1.0 - 0.3 * 0.5 * (1.0 - x)),
        ("[{ k_of = 2, of = ['x', 'y', 'z'] }]", two_of_three),
        ("['z', { any_of = [{ all_of = ['x', 'y'] }, 'soft'] }]", z * (1.0 - (1.0 - x * y) * 0.15)),
    ];
    for (requires, up) in cases {
        near(simulate(&format!("{world}{requires}"), 1_000).unavailability_request, 1.0 - up);
    }
}

/// Everything at once: one outage, whatever stands in it.
#[test]
fn a_global_failure_takes_everything() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a', 'b']
         tier.t.pool.units = 2
         failure.all = { scope = 'global', mttf = { fixed = '10h' }, repair = '1h' }";
    exact(lost(&certain(text), 20.0 * HOUR), HOUR);
}
