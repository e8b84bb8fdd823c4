//! Health checks that fail of healthy targets: a run of them takes a target out, or has it replaced.

use super::check::Metric::{Incidents, Lost, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{OneRegion, OneZone};
use super::design::{
    HOUR, Name, balancer, checked_every, erring, failover, fixed, group, never, part, pool, world,
};
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

/// Endpoints of a name that are found failing for nothing: a second region that fails 40 % of what comes to it says how much does.
fn endpoints() -> Vec<Case> {
    const TTL: f64 = 2.0;
    let regions = |horizon: f64, name: Name| {
        world(horizon)
            .region("one", &["a"])
            .region("two", &["b"])
            .tier(pool("t", 1))
            .stack("one", &part("t"))
            .stack("two", &part("t"))
            .found_by(name)
            .dims("gray", OneRegion("two"), 0.4, false, fixed(1.0), never())
    };
    // An alarm after N checks of 10 s in the mean, over after M. The first region is left for the second one while the first has an alarm
    // and the second has none; with both, or neither, it is answered. Clients follow within the TTL, out and back.
    let (up, out) = (10.0 * mean_trials(0.2, 2), 10.0 * mean_trials(0.8, 2));
    let away = out / (up + out);
    let often = || failover(["one", "two"], TTL).checked(erring(checked_every(10.0, 2, 2), 0.2));
    // Of three checkers two must say healthy, so two or three that say failing are an alarm; each by itself, at a phase of its own.
    let most = 3.0 * away * away * (1.0 - away) + away.powi(3);
    // Every return from the second region takes everything down for 3 s, in which the second one would have lost 40 % of what half a TTL brings.
    let returns = (1.0 - away) / (up + out);
    let risky = 0.4 * away * (1.0 - away) + returns * (3.0 - 0.4 * TTL / 2.0);
    // 100 false failures in a row never come. The region is down for an hour: found failing U + 99 intervals later, healthy U + (M - 1).
    let rule = erring(checked_every(10.0, 100, 2), 0.1);
    let (seen, back) = (995.0, 10.0 * (mean_trials(0.9, 2) - 1.0 + 0.5));
    let outage = regions(20.0 * HOUR, failover(["one", "two"], TTL).checked(rule));
    let outage = outage.fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(HOUR));
    let warm = |name: Name| regions(101.0 * HOUR, name).warming_up(HOUR);
    table([
        case("the first region is left for nothing", warm(often())).replications(100).about(
            Unavailability,
            0.4 * away * (1.0 - away),
            "N checks until two fail, M until two pass",
        ),
        case("two of three checkers are enough", warm(often().seen_by(3, 0.5))).replications(100).about(
            Unavailability,
            0.4 * most * (1.0 - most),
            "binomial over checkers",
        ),
        case("a false alarm whose end is a risk", warm(often().risking(1.0, fixed(3.0)))).replications(100).about(
            Unavailability,
            risky,
            "and 3 s for each return from a region that serves",
        ),
        case("an outage that is seen late", outage).replications(400).about(
            Lost,
            seen + 0.4 * (HOUR - seen + back) + 0.6 * TTL / 2.0 + 0.4 * TTL / 2.0,
            "unseen, in the second region, and on the way back",
        ),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [runs_of_false_failures(), return_after_an_outage(), endpoints()].concat()
}
