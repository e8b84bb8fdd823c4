//! Intervals, attribution, common random numbers, determinism.

use super::{near, simulate};
use ridethrough::experiment::{Options, run};
use ridethrough::scenario::load_text;

const SHOP: &str = "simulation.horizon = '60d'
     region.r.zones = ['a', 'b', 'c']
     failure.unit = { scope = 'unit:t', mttf = '2d', symptom = 'crash' }
     failure.node = { scope = 'database:d', mttf = '10d', repair = { lognormal = { mean = '1h', sigma = 1.0 } } }
     failure.zone = { scope = 'zone', mttf = '20d', repair = { exponential = '2h' } }
     failure.region = { scope = 'region', mttf = '30d', repair = { exponential = '1h' } }
     [tier.t]
     capacity = '60/s'
     auto_scaling = { desired = 3, check = 'elb' }
     load_balancer = {}
     [database.d]
     primary = 'a'
     standby = { zone = 'b' }";

#[test]
fn causes_and_stages_add_up_to_the_total() {
    let summary = simulate(SHOP, 200);
    let causes: f64 = summary.attribution.iter().map(|c| c.lost_seconds_per_year.estimate).sum();
    let stages: f64 = summary.attribution.iter().flat_map(|c| c.stages).sum();
    let total = summary.lost_seconds_per_year.estimate;
    assert!(
        (causes - total).abs() < 1e-9 * total && (stages - total).abs() < 1e-9 * total,
        "{causes} {stages} {total}"
    );
}

#[test]
fn threads_change_no_byte() {
    let designs = load_text("shop.toml", SHOP).expect("a sound scenario").designs;
    let study = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let options = Options { replications: 150, ..Options::default() };
        format!("{:?}", pool.install(|| run(&designs, &options)).expect("a sound design"))
    };
    let one = study(1);
    assert!(one == study(2) && one == study(8));
}

#[test]
fn identical_designs_differ_by_nothing_and_similar_ones_share_their_luck() {
    let design = |text: &str| load_text("shop.toml", text).expect("a sound scenario").designs.remove(0);
    let options = Options { replications: 300, ..Options::default() };
    let faster = SHOP.replace("standby = { zone = 'b' }", "standby = { zone = 'b', promotion = '10s' }");
    let study = run(&[design(SHOP), design(SHOP), design(&faster)], &options).expect("sound designs");
    let same = study.comparisons[0].lost_seconds_per_year_difference;
    assert_eq!((same.low, same.estimate, same.high), (0.0, 0.0, 0.0));
    assert!(study.comparisons[1].variance_ratio.expect("they differ") > 2.0);
}

/// A tier that nothing requires, and a dependency beside it, draw from streams of their own: all else stays as it was.
#[test]
fn what_is_added_elsewhere_moves_nothing_here() {
    let added = format!("{}\n[tier.other]\npool.units = 5\n[stack.s]\nrequires = ['t', 'd']\n", SHOP);
    let (before, after) = (simulate(SHOP, 50), simulate(&added, 50));
    assert_eq!(before.lost_seconds_per_year, after.lost_seconds_per_year);
}

/// 95 % intervals cover the truth in 95 % of 400 experiments, within 4 binomial standard errors (0.011 each): 90.6 to 99.4 %.
#[test]
fn intervals_cover() {
    let text = "simulation = { horizon = '100h', warm_up = '40h' }
         region.r.zones = ['a']
         tier.t = { required = 2, pool.units = 3 }
         failure.f = { scope = 'unit:t', mttf = '9h', repair = { exponential = '1h' } }";
    let designs = load_text("case.toml", text).expect("a sound scenario").designs;
    let truth = 0.1f64.powi(3) + 3.0 * 0.1f64.powi(2) * 0.9;
    let covers = |seed: &u64| {
        let options = Options { replications: 64, seed: *seed, ..Options::default() };
        let interval = run(&designs, &options).expect("sound").architectures[0].unavailability_request;
        (interval.low..=interval.high).contains(&truth)
    };
    let covered = (0..400).filter(covers).count();
    assert!((363..=397).contains(&covered), "{covered} of 400 intervals cover");
    near(simulate(text, 2_000).unavailability_request, truth);
}
