//! Health checks that fail of healthy targets: a run of them takes a target out, or has it replaced.

use super::check::Metric::{Incidents, Lost, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::OneZone;
use super::design::{HOUR, balancer, checked_every, erring, fixed, group, pool, world};
use ridethrough::law::Law;
use ridethrough::model::HealthCheck;

/// Mean number of trials until the first `run` successes in a row, of probability `p`: the mean m of a run of one more is
/// (m + 1) / p, as each run that was reached goes on with p or starts over.
fn mean_trials(p: f64, run: u32) -> f64 {
    (0..run).fold(0.0, |mean, _| (mean + 1.0) / p)
}

fn runs_of_false_failures() -> Vec<Case> {
    // In service for N checks of 10 s, from one that passed; then launch and boot, and half an interval until the first check.
    let alone = |p: f64, failures: u32| {
        let tier =
            group("t", 1).believing_the_balancer(100.0).behind(balancer(erring(checked_every(10.0, failures, 2), p)));
        world(110.0 * HOUR).warming_up(10.0 * HOUR).region("r", &["a"]).tier(tier)
    };
    let renewal = |p: f64, failures: u32| {
        let (up, down) = (10.0 * mean_trials(p, failures), 40.0 + 100.0 + 5.0);
        (down / (up + down), 100.0 * HOUR / (up + down))
    };
    let (lost_by_two, times_by_two) = renewal(0.05, 2);
    let (lost_by_one, times_by_one) = renewal(0.01, 1);
    // Each is out for the checks until two pass in a row; both out is as good as none, the balancer fails open.
    let (up, out) = (mean_trials(0.1, 1), mean_trials(0.9, 2));
    let away = out / (up + out);
    let pair = world(30.0 * HOUR).warming_up(HOUR).region("r", &["a"]);
    let ample = pair.clone().tier(pool("t", 2).behind(balancer(erring(checked_every(10.0, 1, 2), 0.1))));
    let tight = pair.tier(pool("t", 2).capacity(60.0).behind(balancer(erring(checked_every(10.0, 1, 2), 0.1))));
    table([
        case("a group of one replaces after two", alone(0.05, 2))
            .replications(400)
            .about(Unavailability, lost_by_two, "renewal: N intervals up, a launch down")
            .about(Incidents, times_by_two, "one a cycle"),
        case("a group of one replaces after one", alone(0.01, 1))
            .replications(400)
            .about(Unavailability, lost_by_one, "renewal: N intervals up, a launch down")
            .about(Incidents, times_by_one, "one a cycle"),
        case("hardly ever", alone(1e-5, 3)).exactly(Lost, 0.0, "once in 3e8 years"),
        case("two targets that carry 60 % each", tight).replications(100).about(
            Unavailability,
            0.4 * 2.0 * away * (1.0 - away),
            "one out and one not; both out fails open",
        ),
        case("two targets, either is enough", ample).exactly(Lost, 0.0, "the other serves, or all do"),
    ])
}

/// The way back takes longer where checks err.
fn return_after_an_outage() -> Vec<Case> {
    // 100 false failures in a row never come. Back after U + (N - 1) intervals, N until two checks in a row pass.
    let rule = HealthCheck { detection: Some(Law::Fixed(30.0)), ..erring(checked_every(10.0, 100, 2), 0.1) };
    let back = 10.0 * (mean_trials(0.9, 2) - 1.0 + 0.5);
    let tier = pool("t", 2).capacity(60.0).behind(balancer(rule));
    let world = world(20.0 * HOUR).region("r", &["a", "b"]).tier(tier);
    table([case("a zone for an hour", world.fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR)))
        .replications(400)
        .about(Lost, 0.75 * 30.0 + 0.4 * (HOUR - 30.0 + back), "unseen, down, and on the way back")])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [runs_of_false_failures(), return_after_an_outage()].concat()
}
