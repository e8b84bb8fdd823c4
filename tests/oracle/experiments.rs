//! What is made of many histories: attribution, common random numbers, the same bytes, intervals that cover.

use crate::answers::{Memoryless, at_least};
use crate::design::Place::{EachNode, EachRegion, EachUnit, EachZone, Service};
use crate::design::{
    DAY, HOUR, Name, World, YEAR, all_of, balancer, checked_every, copy, database, exponential, failover, fixed, group,
    lognormal, never, part, pool, uniform, world,
};
use ridethrough::experiment::{Change, Controlled, Drawn, Options, importance, run, uncertainty};
use ridethrough::model::Design;
use ridethrough::simulation::PlanError;
use ridethrough::statistics::Estimate;
use ridethrough::study::{Judgement, Study};
use ridethrough::units::Seconds;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A shop with something of everything: groups behind balancers and a database that fails over, in two regions behind DNS.
fn shop(promotion: f64, name: Name) -> World {
    let standby = copy("b").promoted_in(uniform(60.0, promotion)).covered(0.9, exponential(1_800.0));
    let needs = all_of([part("t"), part("d"), part("x")]);
    world(60.0 * DAY)
        .region("one", &["a", "b"])
        .region("two", &["c", "d"])
        .tier(group("t", 2).capacity(60.0).behind(balancer(checked_every(30.0, 2, 5))).believing_the_balancer(300.0))
        .database(
            database("d", "a")
                .standby(standby)
                .replica(copy("c").promoted_in(fixed(300.0)).lagging(exponential(10.0)))
                .backup(HOUR, fixed(60.0), fixed(1_200.0)),
        )
        .soft_dependency("x", 0.2)
        .stack("one", &needs)
        .stack("two", &needs)
        .found_by(name)
        .crashes("unit", EachUnit("t"), exponential(2.0 * DAY), never())
        .kills("node", EachNode("d"), exponential(10.0 * DAY), lognormal(HOUR, 1.0))
        .fails("zone", EachZone, exponential(20.0 * DAY), exponential(2.0 * HOUR))
        .fails("region", EachRegion, exponential(30.0 * DAY), exponential(HOUR))
        .fails("service", Service("x"), exponential(15.0 * DAY), exponential(HOUR))
}

fn dns() -> Name {
    failover(["one", "two"], 60.0)
}

fn study(designs: &[Design], replications: u64) -> Study {
    let options = Options { seed: 5, replications, ..Options::default() };
    run(designs, &options).expect("designs that can be simulated")
}

/// Every lost second has one cause and one stage.
#[test]
fn causes_and_stages_add_up() {
    let study = study(&[shop(120.0, dns()).build()], 200);
    let seen = &study.architectures[0];
    let total = seen.lost_seconds_per_year.estimate;
    let same = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b;
    let by_cause: f64 = seen.attribution.iter().map(|cause| cause.lost_seconds_per_year.estimate).sum();
    assert!(total > 0.0 && same(by_cause, total), "causes {by_cause}, total {total}");
    for cause in &seen.attribution {
        let (by_stage, lost) = (cause.stages.iter().sum::<f64>(), cause.lost_seconds_per_year.estimate);
        assert!(same(by_stage, lost), "{}: stages {by_stage}, lost {lost}", cause.name);
        assert!(same(cause.share * total, lost), "{}: share {}, lost {lost}", cause.name, cause.share);
    }
    let shares: f64 = seen.attribution.iter().map(|cause| cause.share).sum();
    assert!(same(shares, 1.0), "shares {shares}");
    let opened: f64 = seen.attribution.iter().map(|cause| cause.incidents_per_year.estimate).sum();
    assert!(same(opened, seen.incidents_per_year.estimate), "opened {opened}, {:?}", seen.incidents_per_year);
}

/// The same environment gives the same histories: identical designs differ by exactly nothing.
#[test]
fn identical_designs_do_not_differ() {
    let twins = [shop(120.0, dns()).named("left").build(), shop(120.0, dns()).named("right").build()];
    let study = study(&twins, 100);
    let difference = study.comparisons[0].lost_seconds_per_year_difference;
    assert_eq!((difference.low, difference.estimate, difference.high), (0.0, 0.0, 0.0));
    assert_eq!(study.comparisons[0].variance_ratio, None);
}

/// Two designs share the outages of their zone and have a service each, all three alike and rare: what they lose is Z + X and Z + Y but for
/// overlaps of 1 %, so the variance of the difference is 4 V when they are independent and 2 V under common random numbers: ratio 2. The
/// ratio of two sample variances of 3000 compound Poisson sums (kurtosis about 3 + 24 / (2 · 10)) has a standard error of
/// sqrt(2 · 3.2 / 3000) = 5 % at most, for the two are correlated: within 4 of them, and the overlap.
#[test]
fn shared_outages_reduce_the_variance() {
    let design = |service: &'static str| {
        world(1_000.0 * HOUR)
            .region("r", &["a"])
            .tier(pool("t", 1))
            .dependency(service)
            .fails("zone", EachZone, exponential(100.0 * HOUR), exponential(HOUR))
            .fails("service", Service(service), exponential(100.0 * HOUR), exponential(HOUR))
            .named(service)
            .build()
    };
    let study = study(&[design("x"), design("y")], 3_000);
    let ratio = study.comparisons[0].variance_ratio.expect("they differ");
    println!("variance ratio: exact 2, simulated {ratio}");
    assert!((ratio - 2.0).abs() < 2.0 * 0.2 + 0.02, "the variance ratio is {ratio}");
}

/// What is added elsewhere draws from streams of its own, and moves nothing here.
#[test]
fn components_do_not_disturb_each_other() {
    let before = || shop(120.0, dns());
    let after = before().dependency("y").fails("another", Service("y"), exponential(DAY), exponential(HOUR));
    let study = study(&[before().build(), after.named("after").build()], 100);
    let difference = study.comparisons[0].lost_seconds_per_year_difference;
    assert_eq!((difference.low, difference.estimate, difference.high), (0.0, 0.0, 0.0));
}

/// The same seed gives the same study, to the last digit of every number, on any number of threads; another seed gives another.
#[test]
fn threads_change_no_byte() {
    let designs = [shop(120.0, dns()).build(), shop(90.0, dns()).named("faster").build()];
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
        let options = Options { seed, replications: 150, ..Options::default() };
        let study = pool.install(|| run(&designs, &options)).expect("designs that can be simulated");
        format!("{study:?}")
    };
    let one = on(1, 5);
    assert!(one == on(2, 5), "two threads");
    assert!(one == on(8, 5), "eight threads");
    assert!(one != on(1, 6), "another seed");
}

/// 95 % intervals hold the truth in 95 % of 400 experiments of 64 replications, within 4 binomial standard errors of 1.09 %: in 363 to 397 of them.
/// A block of these takes seconds. What was finished of it when the time was over is what as many replications are.
#[test]
fn time_that_is_over_leaves_what_was_finished() {
    let busy = |repair: f64| {
        let tier = pool("t", 1_000).required(900);
        let failing = world(30.0 * DAY).region("r", &["a"]).tier(tier).crashes(
            "f",
            EachUnit("t"),
            exponential(HOUR),
            fixed(repair),
        );
        failing.build()
    };
    let designs = [busy(400.0), busy(300.0)];
    let limited = Options {
        replications: 1_000_000,
        controls: Controlled::Off,
        max_time: Some(Duration::from_secs(2)),
        ..Options::default()
    };
    let part = run(&designs, &limited).expect("sound");
    let replications = part.architectures[0].replications;
    assert!(replications >= 2 && !part.interrupted, "{replications} replications");
    let whole = run(&designs, &Options { replications, max_time: None, ..limited }).expect("sound");
    let lost = |study: &Study| {
        let each = study.architectures.iter().map(|seen| seen.lost_seconds_per_year);
        let pairs = study.comparisons.iter().map(|pair| pair.lost_seconds_per_year_difference);
        each.chain(pairs).map(|it| [it.estimate, it.low, it.high].map(f64::to_bits)).collect::<Vec<_>>()
    };
    assert!(part.architectures[0].lost_seconds_per_year.estimate > 0.0);
    assert_eq!(lost(&part), lost(&whole));
}

#[test]
fn intervals_cover() {
    let design = world(100.0 * HOUR)
        .warming_up(40.0 * HOUR)
        .region("r", &["a"])
        .tier(pool("t", 3).required(2))
        .fails("unit", EachUnit("t"), exponential(9.0 * HOUR), exponential(HOUR))
        .build();
    let truth = 1.0 - at_least(3, 2, 0.9);
    let covers = |seed: &u64| {
        let options = Options { replications: 64, seed: *seed, ..Options::default() };
        let study = run(std::slice::from_ref(&design), &options).expect("a design that can be simulated");
        let interval = study.architectures[0].unavailability_request;
        interval.low <= truth && truth <= interval.high
    };
    let covered = (1..=400).filter(covers).count();
    println!("coverage of 95 % intervals: {covered} of 400");
    assert!((363..=397).contains(&covered), "{covered} of 400 intervals cover");
}

/// Two services fail apart from each other, always after the same time and for as long. In 100 days x goes down at 10 days + k (10 days + 1 h),
/// 9 times for an hour, y at 23 days + k (23 days + 3 h), 4 times for 3 hours, never both at once, and no more often when repairs
/// take half as long. So without x 9 of 21 hours are saved, without y 12, and with half the repair half of all. Nothing is detected, decided
/// or done, so that no other stage can be halved.
#[test]
fn a_fix_gives_back_what_its_cause_lost() {
    let design = world(100.0 * DAY)
        .region("r", &["a"])
        .tier(pool("t", 1))
        .dependency("x")
        .dependency("y")
        .fails("x down", Service("x"), fixed(10.0 * DAY), fixed(HOUR))
        .fails("y down", Service("y"), fixed(23.0 * DAY), fixed(3.0 * HOUR))
        .build();
    let options = Options { replications: 2, ..Options::default() };
    let found = importance(&design, &options, &AtomicBool::new(false), &mut |_| ()).expect("a sound design");
    let hours = |per_year: f64| per_year * 100.0 / 365.0 / HOUR;
    assert!((hours(found.study.architectures[0].lost_seconds_per_year.estimate) - 21.0).abs() < 1e-9 * 21.0);
    let expected =
        [(Change::Without, "y down", 12.0), (Change::Halved, "repair", 10.5), (Change::Without, "x down", 9.0)];
    assert_eq!(found.savings.len(), expected.len(), "{:?}", found.savings);
    for (saving, (change, name, saved)) in found.savings.iter().zip(expected) {
        assert_eq!((saving.change, saving.name.as_str()), (change, name));
        let estimate = hours(saving.lost_seconds_per_year.estimate);
        println!("{name}: exact {saved} h, simulated {estimate} h");
        assert!((estimate - saved).abs() < 1e-9 * saved, "{name}: {estimate} h instead of {saved} h");
        assert!((saving.share.expect("something is lost") - saved / 21.0).abs() < 1e-9, "{saving:?}");
    }
}

/// One unit with repairs of an hour and a time to failure whose mean is anything from 5 to 20 days. Under a mean m it is down for a share of
/// r / (m + r), which falls with m: the quantile p of the belief about the downtime is the downtime at the quantile 1 - p of m.
///
/// 400 draws are independent, so the interval of a quantile from order statistics holds it but for 2.7e-5 of all seeds; each mean is off by the
/// noise of its 200 histories, and the largest of them, at 5 days, by no more than sqrt(mean rate / rate) times the root mean square:
/// the interval is widened by 4.2 times that. Downtime shares the sign of the step with m, so the tornado's difference is exact up to its interval.
///
/// The variance of the means is that of the belief plus that of the noise. Given the draws, that is an identity of expectations; both are
/// estimated from 400 draws, the variance with a relative error of sqrt((kurtosis - 1) / 400) < 0.1 for a kurtosis below 5: within 4.2 of them.
#[test]
fn what_is_not_known_of_a_rate_is_seen_in_the_downtime() {
    let (low, high, draws) = (5.0 * DAY, 20.0 * DAY, 400);
    let design = |mttf: f64| {
        world(110.0 * DAY)
            .warming_up(10.0 * DAY)
            .region("r", &["a"])
            .tier(pool("t", 1))
            .fails("unit", EachUnit("t"), exponential(mttf), fixed(HOUR))
            .build()
    };
    let options = Options { replications: 200, seed: 5, level: 1.0 - 2.67e-5, ..Options::default() };
    let at = |quantiles: &[f64]| -> Result<Drawn, PlanError> {
        let mttf = low + quantiles[0] * (high - low);
        Ok(Drawn { design: design(mttf), values: vec![format!("{mttf}s")] })
    };
    let (keys, stop) = (["mttf".to_owned()], AtomicBool::new(false));
    let found = uncertainty(&keys, draws, &options, &at, &|error| error, &stop, &mut |_| ()).expect("sound designs");
    let downtime = |mttf: f64| YEAR * HOUR / (mttf + HOUR);
    let at_quantile = |p: f64| downtime(low + (1.0 - p) * (high - low));
    // The mean of 1 / m is ln(4) / 15 days.
    let largest = found.noise * (1.0 / low / (4.0_f64.ln() / (high - low))).sqrt();
    let band = found.unknown.expect("a band");
    for (p, seen) in [(0.05, band.p5), (0.5, band.p50), (0.95, band.p95)] {
        let exact = at_quantile(p);
        println!("quantile {p}: exact {exact}, simulated {seen:?}, noise {largest}");
        assert!(
            seen.low - 4.2 * largest <= exact && exact <= seen.high + 4.2 * largest,
            "{p}: {exact} against {seen:?}"
        );
    }
    assert_eq!(found.draws, draws);
    let steps = 100_000;
    let grid: Vec<f64> = (0..steps).map(|step| at_quantile((f64::from(step) + 0.5) / f64::from(steps))).collect();
    let mean = grid.iter().sum::<f64>() / f64::from(steps);
    let variance = grid.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(steps);
    let ratio = found.spread.powi(2) / (variance + found.noise.powi(2));
    println!("variance over that of belief and noise: {ratio}");
    assert!((ratio - 1.0).abs() < 0.42, "{ratio}");
    let swing = &found.tornado[0];
    let holds = |estimate: Estimate, exact: f64| {
        println!("exact {exact}, simulated {estimate:?}");
        assert!(estimate.low <= exact && exact <= estimate.high, "{exact} is not in {estimate:?}");
    };
    holds(swing.lost_seconds_per_year.0, at_quantile(0.9));
    holds(swing.lost_seconds_per_year.1, at_quantile(0.1));
    holds(swing.difference, at_quantile(0.1) - at_quantile(0.9));
}

/// A unit that is new meets an objective of no downtime at all if it outlives the horizon T: with a probability of exp(-T / m), whose mean over an m that is
/// equally likely anywhere is an integral. The interval over independent draws holds it but for 2.7e-5 of all seeds.
#[test]
fn an_objective_is_met_over_luck_and_ignorance() {
    let (low, high, horizon) = (5.0 * DAY, 20.0 * DAY, 10.0 * DAY);
    let options = Options { replications: 50, seed: 5, level: 1.0 - 2.67e-5, ..Options::default() };
    let at = |quantiles: &[f64]| -> Result<Drawn, PlanError> {
        let mttf = low + quantiles[0] * (high - low);
        let design = world(horizon)
            .region("r", &["a"])
            .tier(pool("t", 1))
            .wanting(1.0)
            .fails("unit", EachUnit("t"), exponential(mttf), fixed(HOUR))
            .build();
        Ok(Drawn { design, values: vec![format!("{mttf}s")] })
    };
    let (keys, stop) = (["mttf".to_owned()], AtomicBool::new(false));
    let found = uncertainty(&keys, 400, &options, &at, &|error| error, &stop, &mut |_| ()).expect("sound designs");
    let steps = 100_000;
    let outlives = |step: i32| {
        let mttf = low + (f64::from(step) + 0.5) / f64::from(steps) * (high - low);
        (-horizon / mttf).exp()
    };
    let exact = (0..steps).map(outlives).sum::<f64>() / f64::from(steps);
    let seen = found.objective_met.expect("an objective");
    println!("exact {exact}, simulated {seen:?}");
    assert!(seen.low <= exact && exact <= seen.high, "{exact} is not in {seen:?}");
    // About 40 % of all histories have no downtime, the others an hour or more.
    let both = found.both.expect("a band");
    let hour = HOUR * YEAR / horizon;
    assert!(both.p5.high == 0.0 && both.p95.low >= hour * (1.0 - 1e-3), "{both:?}");
}

/// Data that are gone for good are above any objective, although they have no age.
#[test]
fn an_objective_of_data_loss_counts_what_is_gone_for_good() {
    let verdict = |retention: f64| {
        let database = database("d", "a").backup(HOUR, fixed(0.0), fixed(600.0)).kept_for(retention);
        let mut design = world(20.0 * HOUR)
            .region("r", &["a", "b", "c"])
            .database(database)
            .corrupts("bug", EachNode("d"), fixed(10.0 * HOUR), fixed(3.0 * HOUR))
            .build();
        design.objectives.data_loss = Some(Seconds(10.0 * HOUR));
        let study = run(&[design], &Options { replications: 100, ..Options::default() }).expect("a sound design");
        (study.architectures[0].objectives[0].verdict, study.architectures[0].warnings.len())
    };
    // Restored to a point of 3 to 4 h of age, unless that is kept for 3 h only.
    assert_eq!(verdict(5.0 * HOUR), (Judgement::Met, 0));
    assert_eq!(verdict(3.0 * HOUR), (Judgement::Missed, 1));
}

/// Rare outages are spread evenly over the histories of a block: over 200 seeds the mean of the estimates is the exact value to within 4.2 of
/// its standard errors (one sound test in 37,000 fails), which are smaller than those of plain histories. What an interval promises is
/// counted as well: 95 % of 200 are 190, with a standard deviation of 3.1.
#[test]
fn stratified_outages_leave_means_as_they_are() {
    let life = Memoryless { mttf: 4.0 * YEAR, mttr: 3.0 * HOUR };
    let world = world(YEAR).region("r", &["a"]).tier(pool("t", 1)).fails(
        "region",
        EachRegion,
        exponential(life.mttf),
        exponential(life.mttr),
    );
    let (design, exact) = (world.build(), life.down_until(YEAR) / YEAR);
    let seeds = 200;
    let (mut found, mut held, mut gains) = (Vec::new(), 0, 0.0);
    for seed in 1..=seeds {
        let options = Options { seed, replications: 1_280, ..Options::default() };
        let study = run(std::slice::from_ref(&design), &options).expect("a sound design");
        let seen = &study.architectures[0];
        let estimate = seen.unavailability_request;
        held += u32::from(estimate.low <= exact && exact <= estimate.high);
        gains += seen.gain.expect("20 blocks");
        found.push(estimate.estimate);
    }
    let n = f64::from(seeds as u32);
    let mean = found.iter().sum::<f64>() / n;
    let variance = found.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!((mean - exact).abs() <= 4.2 * error, "{mean} instead of {exact} +- {error}");
    assert!((178..=200).contains(&held), "{held} intervals of 200 hold it");
    // Plain histories: the loss of one is a compound Poisson sum, of variance (T / mttf) 2 mttr^2 to first order.
    let plain = 2.0 * life.mttr * life.mttr / life.mttf / YEAR / 1_280.0;
    assert!(variance < 0.6 * plain, "variance {variance}, of plain histories {plain}");
    assert!(gains / n > 1.5, "{}", gains / n);
}
