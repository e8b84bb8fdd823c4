//! Small systems that are Markov chains, or sums over independent parts: databases of several nodes, spares, and groups over several zones.
//!
//! Chains are written down state by state, with rates in 1/h. What is claimed is about the long run, so that an exact answer has to give the
//! same numbers (`tests/oracle/exact.rs` asks for it). An incident that is open when time begins to count is one more of those that begin.

use super::spares::unsure_switch_over;
use super::answers::{at_least, binomial, expected, stationary};
use super::check::Metric::{Downtime, Incidents, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{EachNode, EachRegion, EachUnit, EachZone, OneZone};
use super::design::{
    DatabasePart, HOUR, TierPart, World, copies, copy, crewed_pool, database, exponential, fixed, gamma,
    group, lognormal, part, pool, quorum, weighted, world,
};

/// Time that is counted (h), after a warm-up in which everything settles.
const COUNTED: f64 = 500.0;

fn settled() -> World {
    world((COUNTED + 100.0) * HOUR).warming_up(100.0 * HOUR)
}

/// Equal nodes: how many are alive is binomial, whatever the laws of their times. Of 100 requests 10 write.
fn equal_nodes() -> Vec<Case> {
    let five = ["a", "b", "c", "a", "b"];
    let base = world(2_600.0 * HOUR).warming_up(600.0 * HOUR).region("r", &["a", "b", "c"]);
    let nodes = base.database(quorum("d", &five, 2, 3)).fails(
        "node",
        EachNode("d"),
        exponential(1_000.0 * HOUR),
        lognormal(50.0 * HOUR, 0.8),
    );
    let up = 1_000.0 / 1_050.0;
    let lost = |nodes: u32| 0.9 * (1.0 - at_least(nodes, 2, up)) + 0.1 * (1.0 - at_least(nodes, 3, up));
    let down = 1.0 - at_least(5, 3, up);
    let zone = 500.0 / 504.0;
    let zonal = expected([zone; 3], |zones| lost(zones.iter().zip([2, 2, 1]).map(|(up, its)| if *up { its } else { 0 }).sum()));
    let zones = nodes.clone().fails("zone", EachZone, exponential(500.0 * HOUR), fixed(4.0 * HOUR));
    table([
        case("five equal nodes", nodes)
            .replications(1_000)
            .about(Unavailability, lost(5), "reads with two of five, writes with three")
            .about(Downtime, down, "without a tenth of the requests it is down")
            .about(Incidents, down + binomial(5, 3, up) * 3.0 * 2_000.0 / 1_000.0, "one of three fails"),
        case("five equal nodes in zones", zones).replications(1_000).about(
            Unavailability,
            zonal,
            "given which zones are up",
        ),
    ])
}

/// Copies in three regions, each serving its own: it must be up, and for a write one of the two others.
fn copies_of_regions() -> Vec<Case> {
    let regions = settled().region("e", &["a"]).region("s", &["b"]).region("w", &["c"]);
    let regions = regions.database(copies("d", &["e", "s", "w"], 1, 2)).stack("e", &part("d"));
    let failing = |it: World| it.fails("region", EachRegion, exponential(90.0 * HOUR), exponential(10.0 * HOUR));
    let up = 0.9;
    let lost = (1.0 - up) + 0.1 * up * (1.0 - up) * (1.0 - up);
    let both = regions.clone().stack("w", &part("d")).found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked());
    table([
        case("a copy and two others", failing(regions)).replications(600).about(
            Unavailability,
            lost,
            "its own down, or both others",
        ),
        case("two copies that need each other", failing(both)).replications(600).about(
            Unavailability,
            lost,
            "the same for each of them",
        ),
    ])
}

fn failing_nodes(it: DatabasePart) -> World {
    let zones = settled().region("r", &["a", "b", "c"]).database(it);
    zones.fails("node", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
}

/// Nodes that fail every 20 h and are repaired in 5 h.
fn nodes() -> Vec<Case> {
    let (l, m, d) = (1.0 / 20.0, 1.0 / 5.0, 2.0);
    // A standby that takes over at once after half an hour of detection, and is in sync at once. All well (0); the standby down (1), or not
    // in sync and down (2); the primary down and not yet detected (3); both down, undetected (4) or detected (5), or the standby not in
    // sync (6); the primary down and the standby up, but not in sync (7).
    let pair = [
        (0, 1, l),
        (0, 3, l),
        (1, 0, m),
        (1, 4, l),
        (2, 0, m),
        (2, 6, l),
        (3, 0, m),
        (3, 4, l),
        (3, 2, d),
        (4, 1, m),
        (4, 3, m),
        (4, 5, d),
        (5, 1, m),
        (5, 2, m),
        (6, 2, m),
        (6, 7, m),
        (7, 0, m),
        (7, 6, l),
    ];
    let pair = stationary(8, &pair);
    let reads: f64 = pair[4..].iter().sum();
    let writes = reads + pair[3];
    let read = database("d", "a").noticed_after(exponential(0.5 * HOUR)).standby(copy("b")).reads_survive();
    // Two standbys, without any delay. A node that failed as the serving one (n) has to copy before it can take over, one that failed as a
    // copy (r) has not. Three are up (0); two, and r (1) or n (2); one, and rr (3), rn (4), nn (5); none that may serve: rr (6), rn (7),
    // nn (8), or with nodes that are up but not in sync (u): ru (9), nu (10), uu (11).
    let three = [
        (0, 1, 2.0 * l),
        (0, 2, l),
        (1, 0, m),
        (1, 3, l),
        (1, 4, l),
        (2, 0, m),
        (2, 4, l),
        (2, 5, l),
        (3, 1, 2.0 * m),
        (3, 6, l),
        (4, 2, m),
        (4, 1, m),
        (4, 7, l),
        (5, 2, 2.0 * m),
        (5, 8, l),
        (6, 3, m),
        (6, 4, 2.0 * m),
        (7, 4, m),
        (7, 5, m),
        (7, 9, m),
        (8, 5, m),
        (8, 10, 2.0 * m),
        (9, 1, m),
        (9, 2, m),
        (9, 7, l),
        (10, 2, m),
        (10, 11, m),
        (10, 8, l),
        (11, 0, m),
        (11, 10, 2.0 * l),
    ];
    let three = stationary(12, &three);
    // On storage: undetected for an hour, then made anew in half an hour, unless it is repaired first.
    let stored = database("d", "a").noticed_after(exponential(HOUR)).stored(exponential(0.5 * HOUR), exponential(HOUR));
    let down = l / (1.0 + m) * (1.0 + 1.0 / (2.0 + m));
    table([
        case("a standby that is read", failing_nodes(read))
            .replications(600)
            .about(Unavailability, 0.9 * reads + 0.1 * writes, "Markov chain")
            .about(Downtime, writes, "Markov chain"),
        case("two standbys", failing_nodes(database("d", "a").standby(copy("b")).second_standby("c")))
            .replications(600)
            .about(Downtime, three[6..].iter().sum(), "Markov chain"),
        case("storage that outlives a node", failing_nodes(stored)).replications(600).about(
            Downtime,
            down / (1.0 + down),
            "Markov chain",
        ),
    ])
}

/// Zones that fail under storage, and data that are killed.
fn lost_nodes() -> Vec<Case> {
    let base = |it: DatabasePart| settled().region("r", &["a", "b"]).database(it);
    // Its zone and the other: both up (0), the other down (1), its own down (2) until a node is made in the other one, both down (3).
    let (f, g, elsewhere) = (1.0 / 20.0, 1.0 / 5.0, 1.0);
    let zones = [
        (0, 1, f),
        (0, 2, f),
        (1, 0, g),
        (1, 3, f),
        (2, 0, g),
        (2, 1, elsewhere),
        (2, 3, f),
        (3, 1, g),
        (3, 2, g),
    ];
    let zones = stationary(4, &zones);
    let stored = base(database("d", "a").stored(exponential(0.5 * HOUR), exponential(HOUR)));
    let stored = stored.fails("zone", EachZone, exponential(20.0 * HOUR), exponential(5.0 * HOUR));
    let backed = base(database("d", "a").backup(HOUR, exponential(HOUR), gamma(3.0 * HOUR, 3.0)));
    let backed = backed.kills("disk", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR));
    // Equal nodes whose data are killed at the rate l and copied back from the other one at the rate c; if both are gone a restore takes T. With
    // weights of two, one and none 1, 2 l / (c + l) and l T times that.
    let (life, copying, restore) = (40.0, 5.0, 3.0);
    let both = quorum("d", &["a", "b"], 1, 1).rebuilt_in(exponential(copying * HOUR));
    let both = base(both.backup(HOUR, exponential(HOUR), exponential(2.0 * HOUR)));
    let both = both.kills("disk", EachNode("d"), exponential(life * HOUR), fixed(0.0));
    let one = 2.0 / life / (1.0 / copying + 1.0 / life);
    let none = one * restore / life;
    table([
        case("storage that outlives a zone", stored).replications(600).about(
            Downtime,
            zones[2] + zones[3],
            "Markov chain",
        ),
        case("a node that is killed is restored", backed)
            .replications(600)
            .about(Downtime, 4.0 / 24.0, "4 h of decision and restore every 24 h, whatever becomes of the old node")
            .about(Incidents, 4.0 / 24.0 + COUNTED / 24.0, "one every 24 h"),
        case("equal nodes that lose their data", both).replications(2_000).about(
            Downtime,
            none / (1.0 + one + none),
            "birth and death",
        ),
    ])
}

/// Units that live 10 h and are repaired in 2 h.
fn spares() -> Vec<Case> {
    let lost = |tier: TierPart| {
        let world = settled().region("r", &["a"]).tier(tier);
        world.fails("unit", EachUnit("t"), exponential(10.0 * HOUR), exponential(2.0 * HOUR))
    };
    let (l, m) = (1.0 / 10.0, 1.0 / 2.0);
    let at_once = || fixed(0.0);
    // Cold, for two that are both needed: weights of 0, 1, 2, 3 away; it falls when one of two fails with one away.
    let r = l / m;
    let away = [1.0, 2.0 * r, 2.0 * r * r, 2.0 / 3.0 * r * r * r];
    let total: f64 = away.iter().sum();
    let cold = (away[2] + away[3]) / total;
    // One crew, first come first served, and a switch-over that never works, of unit and hot spare: all well (0); the unit away (1), the
    // spare (2), both and the unit is repaired first (3), or the spare (4).
    let queue = [(0, 1, l), (0, 2, l), (1, 0, m), (1, 3, l), (2, 0, m), (2, 4, l), (3, 2, m), (4, 1, m)];
    let queue = stationary(5, &queue);
    let slow = unsure_switch_over(l, m);
    // Warm, one crew: the number away rises by 1.3 l, then l.
    let warm = [1.0, 1.3 * r, 1.3 * r * r];
    table([
        case("a cold spare for two", lost(pool("t", 2).required(2).spared(1, 0.0, at_once(), 1.0)))
            .replications(600)
            .about(Downtime, cold, "birth and death")
            .about(Incidents, cold + away[1] / total * 2.0 * l * COUNTED, "one of two fails with one away"),
        case("a warm spare and one crew", lost(crewed_pool("t", 1, 1).spared(1, 0.3, at_once(), 1.0)))
            .replications(600)
            .about(Downtime, warm[2] / warm.iter().sum::<f64>(), "birth and death"),
        case("first come, first repaired", lost(crewed_pool("t", 1, 1).spared(1, 1.0, at_once(), 0.0)))
            .replications(600)
            .about(Downtime, queue[1] + queue[3] + queue[4], "Markov chain"),
        case("a slow and unsure switch-over", lost(pool("t", 1).spared(1, 0.0, exponential(0.5 * HOUR), 0.7)))
            .replications(600)
            .about(Downtime, slow[1] + slow[3] + slow[4], "Markov chain"),
    ])
}

/// Groups over zones that fail every 30 h, for 4 h.
fn groups() -> Vec<Case> {
    let (fails, back, seen, launch) = (1.0 / 30.0, 1.0 / 4.0, 2.0, 2.0);
    let blind = |units: u32| group("t", units).booting_in(fixed(0.0)).seen_by_the_group_after(exponential(0.5 * HOUR));
    let base = |tier: TierPart| settled().region("r", &["a", "b"]).tier(tier);
    // One unit in two zones. In service with the other zone up (0) or down (1); its zone down and not yet seen, the other up (2) or down (3);
    // being launched in a zone that is up, the other down (4) or up (5); in one that is down, the other up (6) or down (7), so that at
    // the end of the launch it starts over or waits; both down, and it waits (8).
    let one = [
        (0, 1, fails),
        (0, 2, fails),
        (1, 0, back),
        (1, 3, fails),
        (2, 0, back),
        (2, 3, fails),
        (2, 4, seen),
        (3, 1, back),
        (3, 2, back),
        (3, 8, seen),
        (4, 1, launch),
        (4, 5, back),
        (4, 7, fails),
        (5, 0, launch),
        (5, 4, fails),
        (5, 6, fails),
        (6, 4, launch),
        (6, 5, back),
        (6, 7, fails),
        (7, 4, back),
        (7, 6, back),
        (7, 8, launch),
        (8, 4, 2.0 * back),
    ];
    let one = stationary(9, &one);
    let single = base(blind(1).launching_in(exponential(0.5 * HOUR)));
    let single = single.fails("zone", EachZone, exponential(30.0 * HOUR), exponential(4.0 * HOUR));
    // Two units that are both needed, one in each zone, and one of these fails. A launch takes no time, so that it is down until the unit in the
    // lost zone is given up. When the zone is back one of the two in the other goes for a new one there: the next failure costs as much.
    let pair = base(blind(2).required(2).launching_in(fixed(0.0)));
    let pair = pair.fails("zone", OneZone("b"), exponential(30.0 * HOUR), exponential(4.0 * HOUR));
    let unseen = fails / (seen + back);
    table([
        case("a group of one over two zones", single).replications(600).about(
            Downtime,
            1.0 - one[0] - one[1],
            "Markov chain",
        ),
        case("a group that is made level", pair).replications(600).about(
            Downtime,
            unseen / (1.0 + unseen * (1.0 + seen / back)),
            "Markov chain",
        ),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [equal_nodes(), copies_of_regions(), nodes(), lost_nodes(), spares(), groups()].concat()
}
