//! Gray failures: units that stay in routing and fail a share of their requests; and people who move the traffic away from a zone.

use super::check::Metric::{Incidents, Lost, LostTo, Stage, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachUnit, EachZone, OneRegion, OneZone, WholeTier};
use super::design::{
    HOUR, TierPart, World, all_of, balancer, checked_after, exponential, failover, fixed, group, never, part, pool,
    shallow, shifted, world, zonal_balancer,
};
use ridethrough::model::HealthCheck;

/// Out after 30 s, back at once.
fn quick() -> HealthCheck {
    checked_after(fixed(30.0), fixed(0.0))
}

/// Two zones, or one, for 20 h.
fn zones(names: &[&str], tier: TierPart) -> World {
    world(20.0 * HOUR).region("r", names).tier(tier)
}

/// Four units in two zones.
fn two_zones(check: HealthCheck) -> World {
    zones(&["a", "b"], pool("t", 4).behind(balancer(check)))
}

/// The mode `gray`, from 10 h on for some hours.
fn dimmed(world: World, place: super::design::Place, error: f64, seen: bool, hours: f64) -> World {
    world.dims("gray", place, error, seen, fixed(10.0 * HOUR), fixed(hours * HOUR))
}

/// The share of the requests that reaches the units fails, and checks see it only if asked to.
fn requests_that_fail() -> Vec<Case> {
    let one_zone = || zones(&["a"], pool("t", 4).behind(balancer(quick())));
    table([
        case("four gray units", dimmed(one_zone(), EachUnit("t"), 0.3, false, 1.0))
            .exactly(Lost, 0.3 * HOUR, "30 % of one hour")
            .exactly(Stage(4), 0.3 * HOUR, "nobody looks for it: until repaired")
            .exactly(Incidents, 1.0, "70 % is below the threshold"),
        case("without a load balancer", dimmed(zones(&["a"], pool("t", 4)), EachUnit("t"), 0.3, false, 1.0)).exactly(
            Lost,
            0.3 * HOUR,
            "requests find them healthy",
        ),
        case("nothing fails", dimmed(one_zone(), EachUnit("t"), 0.0, false, 1.0)).exactly(Lost, 0.0, "error 0"),
        case("a gray zone", dimmed(two_zones(quick()), OneZone("a"), 0.3, false, 1.0)).exactly(
            Lost,
            0.15 * HOUR,
            "half of the requests go there",
        ),
        case("everything fails, unseen", dimmed(two_zones(quick()), OneZone("a"), 1.0, false, 1.0)).exactly(
            Lost,
            0.5 * HOUR,
            "it keeps its half: worse than dead",
        ),
        case("a gray zone, seen", dimmed(two_zones(quick()), OneZone("a"), 0.3, true, 1.0))
            .exactly(Lost, 0.15 * 30.0, "out after 30 s")
            .exactly(Stage(0), 0.15 * 30.0, "undetected"),
        case("to be seen, but the check is shallow", dimmed(two_zones(shallow(quick())), OneZone("a"), 0.3, true, 1.0))
            .exactly(Lost, 0.15 * HOUR, "a shallow check passes"),
        // All are out after 30 s, and the balancer fails open.
        case("all seen", dimmed(one_zone(), EachUnit("t"), 0.3, true, 1.0)).exactly(Lost, 0.3 * HOUR, "fails open"),
        case("a gray tier, seen", dimmed(one_zone(), WholeTier("t", "r"), 0.3, true, 1.0)).exactly(
            Lost,
            0.3 * HOUR,
            "fails open",
        ),
        // Ten units at 8 each serve 80 of 100; of these half fails.
        case("failed requests use capacity", {
            let tier = pool("t", 10).capacity(8.0).behind(balancer(quick()));
            dimmed(zones(&["a"], tier), WholeTier("t", "r"), 0.5, false, 1.0)
        })
        .exactly(Lost, 0.2 * 19.0 * HOUR + 0.6 * HOUR, "20 are always too much, 40 of 80 fail"),
        case("two tiers one after the other", {
            let two = world(20.0 * HOUR).region("r", &["a"]).tier(pool("s", 1)).tier(pool("t", 1));
            dimmed(two.requiring(all_of([part("s"), part("t")])), OneRegion("r"), 0.1, false, 1.0)
        })
        .exactly(Lost, (1.0 - 0.81) * HOUR, "a request has to pass both"),
    ])
}

/// What survives one mode has to survive the other.
fn overlapping_modes() -> Vec<Case> {
    let stay = |mttf: f64, repair: f64| repair / (mttf + repair);
    let both = world(110.0 * HOUR)
        .warming_up(10.0 * HOUR)
        .region("r", &["a"])
        .tier(pool("t", 4).behind(balancer(quick())))
        .dims("x", EachUnit("t"), 0.3, false, exponential(2.0 * HOUR), exponential(HOUR))
        .dims("y", EachUnit("t"), 0.5, false, exponential(3.0 * HOUR), fixed(HOUR));
    let lost = 1.0 - (1.0 - 0.3 * stay(2.0, 1.0)) * (1.0 - 0.5 * stay(3.0, 1.0));
    table([
        case(
            "a unit and its zone",
            dimmed(zones(&["a"], pool("t", 2).behind(balancer(quick()))), EachUnit("t"), 0.5, false, 2.0).dims(
                "zone",
                OneZone("a"),
                0.2,
                false,
                fixed(11.0 * HOUR),
                fixed(2.0 * HOUR),
            ),
        )
        .exactly(LostTo("gray"), 0.5 * HOUR, "10 h to 11 h")
        .exactly(LostTo("gray + zone"), 0.6 * HOUR, "11 h to 12 h: 1 - 0.5 * 0.8")
        .exactly(LostTo("zone"), 0.2 * HOUR, "12 h to 13 h"),
        case("two modes of units, each on its own", both).replications(400).about(
            Unavailability,
            lost,
            "both are stationary and independent",
        ),
        // The zone is down from 11 h to 12 h; until that is noticed, of the half that enters by the other node half goes to dead targets.
        case(
            "a mask over a gray zone",
            dimmed(two_zones(quick()), OneZone("a"), 0.3, false, 3.0).fails(
                "zone",
                OneZone("a"),
                fixed(11.0 * HOUR),
                fixed(HOUR),
            ),
        )
        .exactly(Lost, 0.15 * HOUR + 0.75 * 30.0 + 0.15 * HOUR, "gray for an hour, gone, gray for an hour"),
    ])
}

/// Groups replace what they see; the share moves exactly while DNS caches drain.
fn other_mechanisms() -> Vec<Case> {
    let alone = |seen: bool| {
        let tier = group("t", 1).believing_the_balancer(300.0).behind(balancer(quick()));
        zones(&["a"], tier).dims("gray", EachUnit("t"), 0.5, seen, fixed(10.0 * HOUR), never())
    };
    let drained = world(20.0 * HOUR)
        .region("a", &["a1"])
        .region("b", &["b1"])
        .tier(pool("t", 2))
        .stack("a", &part("t"))
        .stack("b", &part("t"))
        .found_by(failover(["a", "b"], 60.0))
        .fails("region", OneRegion("a"), fixed(10.0 * HOUR), fixed(HOUR))
        .dims("gray", WholeTier("t", "b"), 0.4, false, fixed(9.0 * HOUR), fixed(4.0 * HOUR));
    table([
        case("a group replaces what it sees", alone(true)).exactly(
            Lost,
            0.5 * 30.0 + 140.0,
            "half until seen, then all for launch and boot",
        ),
        case("a group keeps what it does not see", alone(false)).exactly(Lost, 0.5 * 10.0 * HOUR, "to the end"),
        // 30 s unseen; a's share falls to 0 in 60 s while b's rises; b serves until 20 s after the end; then the way back.
        case("a drain into a gray region", drained).exactly(
            Lost,
            30.0 + 30.0 + 0.4 * 30.0 + 0.4 * (HOUR - 90.0 + 20.0) + 0.4 * 30.0,
            "areas of straight lines",
        ),
    ])
}

/// Detection of 5 min and a decision of 2 min, for ever, back 10 min after the end.
fn people() -> ridethrough::model::ZonalShift {
    ridethrough::model::ZonalShift {
        detection: fixed(300.0),
        decision: fixed(120.0),
        duration: never(),
        return_after: fixed(600.0),
    }
}

fn zonal_shift() -> Vec<Case> {
    let moved = |check: HealthCheck| zones(&["a", "b"], pool("t", 4).behind(shifted(balancer(check), people())));
    let gray = |world: World| dimmed(world, OneZone("a"), 0.4, false, 2.0);
    let slow = || checked_after(fixed(HOUR), fixed(0.0));
    let zonal = |ttl: f64| zones(&["a", "b"], pool("t", 4).behind(shifted(zonal_balancer(quick(), ttl), people())));
    let limited = ridethrough::model::ZonalShift { duration: fixed(1_800.0), ..people() };
    let small = pool("t", 4).capacity(40.0).behind(shifted(balancer(quick()), people()));
    let dead = |world: World| world.fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(2.0 * HOUR));
    let cases: Vec<Case> = vec![
        case("a gray zone is left", gray(moved(quick())))
            .exactly(Lost, 0.2 * 420.0, "40 % of half until people have acted")
            .exactly(Stage(0), 0.2 * 300.0, "until they know")
            .exactly(Stage(1), 0.2 * 120.0, "until they have acted"),
        case("gray for 4 min", dimmed(moved(quick()), OneZone("a"), 0.4, false, 1.0 / 15.0)).exactly(
            Lost,
            0.2 * 240.0,
            "over before they know",
        ),
        case(
            "no control plane",
            gray(moved(quick())).fails("cp", ControlPlane("r"), fixed(9.0 * HOUR), fixed(9.0 * HOUR)),
        )
        .exactly(Lost, 0.2 * 420.0, "it needs none"),
        case("without cross-zone", gray(zonal(0.0))).exactly(Lost, 0.2 * 420.0, "clients leave the node at once"),
        case("clients keep the node", gray(zonal(120.0))).replications(400).about(
            Lost,
            0.2 * (420.0 + 60.0),
            "for a residual of 60 s in the mean",
        ),
        // Begins anew at 0, 2220, 4440 and 6660 s of 7200 s.
        case(
            "for half an hour at a time",
            gray(zones(&["a", "b"], pool("t", 4).behind(shifted(balancer(quick()), limited)))),
        )
        .exactly(Lost, 4.0 * 0.2 * 420.0, "four times 420 s"),
        case("the other zone is too small", gray(zones(&["a", "b"], small)))
            .exactly(Lost, 0.2 * 420.0 + 0.2 * (2.0 * HOUR - 420.0 + 600.0), "80 of 100 are served until the return")
            .exactly(LostTo("gray"), 0.2 * 2.0 * HOUR, "while it is on"),
        case("both zones are gray", dimmed(moved(quick()), EachZone, 0.4, false, 2.0)).exactly(
            Lost,
            0.4 * 2.0 * HOUR,
            "there is nowhere to go",
        ),
        case("a dead zone that checks see late", dead(moved(slow()))).exactly(
            Lost,
            0.75 * 420.0,
            "people are faster: its node's half and half of the other",
        ),
        case("a dead zone that checks see late, alone", dead(two_zones(slow()))).exactly(
            Lost,
            0.75 * HOUR,
            "until seen",
        ),
        case("a gray region is no impaired zone", dimmed(moved(quick()), OneRegion("r"), 0.4, false, 2.0))
            .exactly(Lost, 0.4 * 2.0 * HOUR, "no zone is better")
            .exactly(Stage(4), 0.4 * 2.0 * HOUR, "nobody moves anything"),
    ];
    cases
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [requests_that_fail(), overlapping_modes(), other_mechanisms(), zonal_shift()].concat()
}
