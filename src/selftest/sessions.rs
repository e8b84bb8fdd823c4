//! Users who lose their session: 1000 of them, on four units in two zones, or in a store.

use super::check::Metric::LoggedOut;
use super::check::{Case, case, table};
use super::design::Place::{EachUnit, OneRegion, OneZone, Service, WholeTier};
use super::design::{
    HOUR, Name, TierPart, World, balancer, checked_after, exponential, failover, fixed, group, part, pool,
    replaced_pool, weighted, world,
};
use ridethrough::model::Failback;

const USERS: f64 = 1_000.0;

/// Taken out after 30 s, back after 20 s.
fn balanced(tier: TierPart) -> TierPart {
    tier.behind(balancer(checked_after(fixed(30.0), fixed(20.0))))
}

fn one(tier: TierPart) -> World {
    world(20.0 * HOUR).region("r", &["a", "b"]).tier(tier).sessions_in("t", USERS)
}

/// The same tier in two regions of one zone.
fn two(name: Name) -> World {
    world(20.0 * HOUR)
        .region("here", &["a"])
        .region("there", &["b"])
        .tier(balanced(replaced_pool("t", 4, fixed(0.0))))
        .sessions_in("t", USERS)
        .stack("here", &part("t"))
        .stack("there", &part("t"))
        .found_by(name)
}

fn store(replicas: u32) -> World {
    world(20.0 * HOUR).region("r", &["a"]).dependency("d").sessions_stored_in("d", replicas, USERS)
}

fn in_units() -> Vec<Case> {
    let at = || fixed(10.0 * HOUR);
    let four = || balanced(pool("t", 4));
    table([
        case("a zone out of reach for an hour", one(four()).fails("z", OneZone("a"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            500.0,
            "two units leave routing",
        ),
        case("a zone back before it is missed", one(four()).fails("z", OneZone("a"), at(), fixed(20.0))).exactly(
            LoggedOut,
            0.0,
            "none leaves routing",
        ),
        case("a zone killed for a moment", one(four()).kills("z", OneZone("a"), at(), fixed(20.0))).exactly(
            LoggedOut,
            500.0,
            "what was in memory is gone",
        ),
        case("no load balancer", one(pool("t", 4)).fails("z", OneZone("a"), at(), fixed(20.0))).exactly(
            LoggedOut,
            500.0,
            "requests go elsewhere at once",
        ),
        case("a crash that nobody sees", one(four()).crashes("u", EachUnit("t"), at(), fixed(10.0))).exactly(
            LoggedOut,
            USERS,
            "what was in memory is gone",
        ),
        case("a hang that nobody sees", one(four()).hangs("u", EachUnit("t"), at(), fixed(10.0))).exactly(
            LoggedOut,
            0.0,
            "it goes on where it was",
        ),
        case("a hang that is seen", one(four()).hangs("u", EachUnit("t"), at(), fixed(60.0))).exactly(
            LoggedOut,
            USERS,
            "all leave routing",
        ),
        case("all crash at once", one(four()).crashes("t", WholeTier("t", "r"), at(), fixed(10.0))).exactly(
            LoggedOut,
            USERS,
            "all of them",
        ),
        // Two units of the killed zone, and the two that make room when the zone is back.
        case("a group levels its zones", one(group("t", 4)).kills("z", OneZone("a"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            1_000.0,
            "two killed, two replaced by newcomers",
        ),
        case("a region out of reach", one(four()).fails("r", OneRegion("r"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            0.0,
            "there is nowhere else to go",
        ),
    ])
}

/// The region of half or all users is out of reach, or killed, for an hour.
fn with_a_region() -> Vec<Case> {
    let at = || fixed(10.0 * HOUR);
    let pair = || failover(["here", "there"], 60.0);
    let lost = |name: Name| two(name).fails("r", OneRegion("here"), at(), fixed(HOUR));
    table([
        case("failover and failback", lost(pair())).exactly(LoggedOut, 2.0 * USERS, "all, there and back"),
        case("failover without failback", lost(pair().failback(Failback::Never))).exactly(
            LoggedOut,
            USERS,
            "all, once",
        ),
        case("nobody looks", lost(pair().unchecked())).exactly(LoggedOut, 0.0, "they wait"),
        case("killed", two(pair()).kills("r", OneRegion("here"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            2.0 * USERS,
            "by the loss of the units, and by the failback",
        ),
        case("both regions serve", lost(weighted([("here", 1.0), ("there", 1.0)], 60.0))).exactly(
            LoggedOut,
            USERS,
            "half when it goes, half of all when it is back",
        ),
        case("the other region", two(pair()).kills("r", OneRegion("there"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            0.0,
            "no user is there",
        ),
    ])
}

fn in_a_store() -> Vec<Case> {
    let at = || fixed(6.0 * HOUR);
    table([
        // Down at 6 and 13 h: 6 h from each restoration.
        case("a store without a copy", store(0).fails("d", Service("d"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            2.0 * USERS,
            "all, each time",
        ),
        case("a store that hangs", store(0).hangs("d", Service("d"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            0.0,
            "it still has them",
        ),
        case("a store that fails in part", store(0).fails("d", Service("d"), at(), fixed(HOUR)).partly(0.5)).exactly(
            LoggedOut,
            0.0,
            "it still has them",
        ),
        case("a store with a copy", store(1).fails("d", Service("d"), at(), fixed(HOUR))).exactly(
            LoggedOut,
            0.0,
            "the copy has them",
        ),
    ])
}

/// Units that crash: each is lost once in 90 + 10 hours. The start is forgotten after the warm-up: exp(-100 · (1/90 + 1/10)) = 1.5e-5.
fn stationary() -> Vec<Case> {
    let crashing = world(400.0 * HOUR)
        .warming_up(100.0 * HOUR)
        .region("r", &["a"])
        .tier(pool("t", 4))
        .sessions_in("t", USERS)
        .crashes("u", EachUnit("t"), exponential(90.0 * HOUR), exponential(10.0 * HOUR));
    table([case("units that crash", crashing).replications(2_000).about(
        LoggedOut,
        4.0 * 3.0 * 250.0,
        "4 units, 300 h of cycles of 100 h, 250 users",
    )])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [in_units(), with_a_region(), in_a_store(), stationary()].concat()
}
