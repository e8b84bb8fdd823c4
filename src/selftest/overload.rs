//! Overload that fails checks: removals that overload what is left.

use super::check::Metric::{Incidents, Lost, LostTo, Metastable};
use super::check::{Case, case, table};
use super::design::Place::{OneRegion, OneZone, WholeTier};
use super::design::{
    HOUR, TierPart, World, balancer, checked_after, exponential, failover, fixed, group, part, pool, shallow,
    straining, world,
};
use ridethrough::model::{HealthCheck, LoadBalancer};
use ridethrough::units::Seconds;

fn two_zones(tier: TierPart) -> World {
    world(20.0 * HOUR).region("r", &["a", "b"]).tier(tier)
}

fn zone_a(world: World) -> World {
    world.fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR))
}

/// Four units at 30 each carry 100 together; two do not, and what they get when one zone is lost decides.
fn fixed_times() -> Vec<Case> {
    // Out after 30 s, back after one interval of 30 s, which a law must not undercut.
    let check_by_law = || balancer(checked_after(fixed(30.0), fixed(20.0)));
    let four = |each: f64, balancer: LoadBalancer| pool("t", 4).capacity(each).behind(balancer);
    let unseen = 0.75 * 30.0;
    table([
        case("shed", zone_a(two_zones(four(30.0, check_by_law())))).exactly(
            Lost,
            unseen + 0.4 * (HOUR - 30.0) + 0.4 * 20.0,
            "40 of 100, until zone a is back in rotation",
        ),
        // From 30 s on two units have 50 each; at 60 s they are out, and each of all four is asked for 25: half of that is lost, but the two
        // bear it, and are back at 90 s. So it goes on, 40 and 50 in turn, 119 times 30 s. At the end of the hour they are taken out once
        // more: all four are asked, and serve; 30 s later all are back.
        case("fail checks", zone_a(two_zones(four(30.0, straining(check_by_law(), 1.0)))))
            .exactly(Lost, unseen + 30.0 * (60.0 * 0.4 + 59.0 * 0.5), "40 and 50 of 100 in turn")
            .exactly(Metastable, 0.0, "no unit that came back alone is taken out"),
        case("a higher limit", zone_a(two_zones(four(30.0, straining(check_by_law(), 1.7))))).exactly(
            Lost,
            unseen + 0.4 * (HOUR - 30.0) + 0.4 * 30.0,
            "51 are allowed: as if shed, but back after an interval",
        ),
        case("enough for one zone", zone_a(two_zones(four(50.0, straining(check_by_law(), 1.0))))).exactly(
            Lost,
            unseen,
            "50 each are just what they bear",
        ),
        // All are out after 30 s; 33 for each of all are still too many, so they stay out, and serve 90.
        case("too few from the start", {
            world(20.0 * HOUR)
                .region("r", &["a"])
                .tier(pool("t", 3).capacity(30.0).behind(straining(check_by_law(), 1.0)))
        })
        .exactly(Lost, 0.1 * 20.0 * HOUR, "10 of 100, always")
        .exactly(Incidents, 1.0, "for ever")
        .exactly(Metastable, 0.0, "nothing began it"),
        // The first unit is past its grace: out at 70 s, replaced in 140 s. Each other is in service 100 s after its launch, so the verdict
        // that replaces it falls 40 + 70 s later; until then the balancer fails open, and half is served. Cycles of 250 s from 210 s on.
        case("a group of one replaces it", {
            let tier = group("t", 1).believing_the_balancer(140.0).capacity(50.0);
            let tier = tier.behind(straining(balancer(checked_after(fixed(70.0), fixed(0.0))), 1.0));
            world(2_200.0).region("r", &["a"]).tier(tier)
        })
        .exactly(
            Lost,
            0.5 * 70.0 + 140.0 + 7.0 * (0.5 * 110.0 + 140.0) + 0.5 * 110.0 + 130.0,
            "half, then nothing, nine times",
        ),
    ])
}

/// Two targets at 60 each come back one by one: the first gets all 100 and is out after 30 s, unless the second is faster.
fn collapse_that_feeds_on_itself() -> Vec<Case> {
    // An interval of a microsecond keeps the floor under laws far below the tolerance.
    let sharp = || HealthCheck { interval: Seconds(1e-6), ..checked_after(fixed(30.0), exponential(40.0)) };
    let crash = |balancer: LoadBalancer| {
        let tier = pool("t", 2).capacity(60.0).behind(balancer);
        world(20.0 * HOUR).region("r", &["a"]).tier(tier).crashes(
            "push",
            WholeTier("t", "r"),
            fixed(10.0 * HOUR),
            fixed(600.0),
        )
    };
    // Out both times after 30 s; with both out each gets 50 and all is served. Of an attempt to return 40 % of min(T, 30 s) is lost, T
    // exponential of mean 40 s, that is 40 % of 40 s times the probability that it works, so 16 s in all, over as many as it takes.
    let fails = (-30.0f64 / 40.0).exp();
    table([
        case("fail checks", crash(straining(balancer(sharp()), 1.0)))
            .replications(3_000)
            .about(Lost, 600.0 + 0.4 * 40.0, "the crash and all attempts")
            .about(Incidents, 1.0 + (1.0 - fails).recip(), "the crash and each attempt")
            .about(LostTo("push"), 600.0 + 0.4 * 40.0, "what began it is behind it")
            .about(Metastable, fails * fails, "the first two attempts fail"),
        case("shed", crash(balancer(sharp()))).replications(3_000).about(
            Lost,
            600.0 + 0.4 * 40.0,
            "the crash and the time between the two returns",
        ),
    ])
}

/// The load of a region that fails moves over while caches drain; it is judged when the drain has ended, not where it crosses the limit.
fn a_drain_that_overloads() -> Vec<Case> {
    let spare = group("t", 2).believing_the_balancer(140.0).capacity(40.0);
    let spare = spare.behind(straining(balancer(checked_after(fixed(30.0), fixed(0.0))), 1.0));
    let design = world(20.0 * HOUR)
        .region("a", &["a1"])
        .region("b", &["b1"])
        .tier(pool("s", 1))
        .tier(spare)
        .stack("a", &part("s"))
        .stack("b", &part("t"))
        .found_by(failover(["a", "b"], 60.0).checked(shallow(checked_after(fixed(30.0), fixed(20.0)))))
        .fails("region", OneRegion("a"), fixed(10.0 * HOUR), fixed(3_650.0));
    // Seconds since a failed. Until 30 it is unseen, until 90 its share falls to nothing; two units of b serve 80 of 100, which is less than
    // what reaches them from 78 on: 12 s of a triangle 20 % high. Judged overloaded at 90, out and replaced at 120, back at 260, where
    // the new ones last 70 s: grace and detection count from their launch 100 s before. That repeats every 210 s, for the 17th time from
    // 3620 on. At 3670 the share begins to fall again, 12 s of a triangle, and at 3690 nothing is left for its last two thirds.
    let cycles = 16.0 * (0.2 * 70.0 + 140.0);
    let there = 30.0 + 30.0 + 1.2 + 0.2 * 30.0 + 140.0;
    let back = 0.2 * 50.0 + 1.2 + 0.5 * 40.0 * 2.0 / 3.0;
    table([case("from a region that fails", design)
        .exactly(Lost, there + cycles + back, "there, sixteen rounds, and back")
        .exactly(Metastable, 0.0, "the region is down all the time")])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [fixed_times(), collapse_that_feeds_on_itself(), a_drain_that_overloads()].concat()
}
