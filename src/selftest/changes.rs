//! Changes: stages, notice, rollback, and what they do to units, zones, regions and databases.

use super::check::Metric::{DataLosses, Incidents, Lost, LostTo, OpenIncidents, RecoveryMax, Stage, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachNode, EachRegion, EachUnit, Everything, OneRegion, OneZone};
use super::design::{
    DAY, HOUR, MINUTE, World, balancer, checked_after, copy, database, exponential, failover, fixed, group, part, pool,
    replaced_pool, rollout, uniform, world,
};
use ridethrough::model::Reach::{All, Region, Unit, Zone};

/// Stages of a recovery, by their index.
const DETECTION: usize = 0;
const ACTION: usize = 2;

/// Four units in two zones. A unit serves 25 of 100 requests per second.
fn four_units() -> World {
    world(70.0 * DAY).region("r", &["a", "b"]).tier(pool("t", 4).capacity(25.0))
}

/// Nine changes fit into 70 days: one starts on day 7, 14, ..., 63.
fn stages_and_their_end() -> Vec<Case> {
    let push = || rollout("push", EachUnit("t"));
    // 300 s unnoticed and 600 s of rollback, everything down.
    let at_once = four_units().changed(push().undone(fixed(5.0 * MINUTE), fixed(10.0 * MINUTE)));
    // A unit (a quarter) from 0 s on, its zone (a half) from 600 s on, noticed at 900 s, rolled back at 1200 s, when the last stage would
    // have begun: 150 + 150 lost in detection, 150 in action.
    let staged = |world: World| {
        let stages = push().staged(&[Unit, Zone, All], 10.0 * MINUTE);
        world.changed(stages.undone(fixed(15.0 * MINUTE), fixed(5.0 * MINUTE)))
    };
    // Noticed at 1500 s: all from 1200 s on, until 1800 s. 150 + 300 + 300 unnoticed, 300 in rollback.
    let late = push().staged(&[Unit, Zone, All], 10.0 * MINUTE).undone(fixed(25.0 * MINUTE), fixed(5.0 * MINUTE));
    // At 600 s both the notice and the next stage are due: a quarter is lost until 900 s.
    let tie = push().staged(&[Unit, All], 10.0 * MINUTE).undone(fixed(10.0 * MINUTE), fixed(5.0 * MINUTE));
    let spare = world(70.0 * DAY).region("r", &["a", "b"]).tier(pool("t", 4));
    table([
        case("a change of all units at once", at_once)
            .exactly(Lost, 9.0 * 900.0, "nine changes, 15 minutes each")
            .exactly(LostTo("push"), 9.0 * 900.0, "the only cause")
            .exactly(Incidents, 9.0, "one for each change")
            .exactly(Stage(DETECTION), 9.0 * 300.0, "until noticed")
            .exactly(Stage(ACTION), 9.0 * 600.0, "the rollback"),
        case("a change in stages, stopped before the last", staged(four_units()))
            .exactly(Lost, 9.0 * 450.0, "a quarter for 600 s, a half for 600 s")
            .exactly(Stage(DETECTION), 9.0 * 300.0, "a quarter for 600 s, a half for 300 s")
            .exactly(Stage(ACTION), 9.0 * 150.0, "a half for 300 s")
            .exactly(RecoveryMax, 1_200.0, "one incident from the first unit on"),
        case("a change in stages, noticed in the last", four_units().changed(late))
            .exactly(Stage(DETECTION), 9.0 * 750.0, "a quarter, a half, all")
            .exactly(Stage(ACTION), 9.0 * 300.0, "all"),
        case("the notice comes with the next stage", four_units().changed(tie)).exactly(
            Lost,
            9.0 * 225.0,
            "the notice wins",
        ),
        case("a change in stages where half of the units are enough", staged(spare))
            .exactly(Lost, 0.0, "a zone less carries the load")
            .exactly(Incidents, 0.0, "nobody saw it"),
        case("changes that are never bad", four_units().changed(push().bad(0.0))).exactly(Lost, 0.0, "all good"),
        case("changes that never come", four_units().changed(push().every(super::design::never())))
            .exactly(Lost, 0.0, "none"),
        case("a bad change that is never rolled back", four_units().changed(push()))
            .exactly(Lost, 63.0 * DAY, "from day 7 on")
            .exactly(OpenIncidents, 1.0, "to the end"),
    ])
}

/// While a change is rolled back the next one is left out; starts keep their rhythm.
fn overlaps_and_rates() -> Vec<Case> {
    // Bad ones start after 10, 30, 50, 70 and 90 minutes and last 15: 60 minutes and the 10 up to the end.
    let dense = world(100.0 * MINUTE).region("r", &["a"]).tier(pool("t", 1));
    let dense = dense.changed(
        rollout("push", EachUnit("t")).every(fixed(10.0 * MINUTE)).undone(fixed(5.0 * MINUTE), fixed(10.0 * MINUTE)),
    );
    // Bad changes are a Poisson stream thinned to one in ten days; it forgets what it has seen, so up times are exponential of 240 h, and a
    // change is down for 10 + 50 minutes: 1 / 241 of the time (renewal theory, as for lives).
    let rare = world(1_100.0 * DAY).warming_up(100.0 * DAY).region("r", &["a"]).tier(pool("t", 1));
    let rare = rare.changed(
        rollout("push", EachUnit("t"))
            .every(exponential(DAY))
            .bad(0.1)
            .undone(uniform(0.0, 20.0 * MINUTE), fixed(50.0 * MINUTE)),
    );
    table([
        case("changes that would overlap", dense)
            .exactly(Lost, 70.0 * MINUTE, "every second one is left out")
            .exactly(Incidents, 5.0, "each on its own")
            .exactly(OpenIncidents, 1.0, "the last"),
        case("one change a day, one in ten bad", rare)
            .replications(400)
            .about(Unavailability, 1.0 / 241.0, "change rate x failure x (detection + rollback), per cycle")
            .about(Incidents, 1_000.0 * 24.0 / 241.0, "one a cycle"),
    ])
}

/// A rollback and the control plane, which is down from 10.5 h to 12.5 h. The change starts at 10 h and is noticed at 11 h.
fn control_planes() -> Vec<Case> {
    let push = || rollout("push", EachRegion).every(fixed(10.0 * HOUR)).undone(fixed(HOUR), fixed(0.5 * HOUR));
    let alone = || world(19.0 * HOUR).region("r", &["a"]).tier(pool("t", 1));
    let outage = |world: World, place| world.fails("control", place, fixed(10.5 * HOUR), fixed(2.0 * HOUR));
    let needs = || alone().changed(push().with_control_planes());
    table([
        case("a rollback without need of the control plane", outage(alone().changed(push()), ControlPlane("r")))
            .exactly(Lost, 1.5 * HOUR, "10 h to 11.5 h"),
        case("a rollback waits for the control plane", outage(needs(), ControlPlane("r")))
            .exactly(Lost, 3.0 * HOUR, "10 h to 12.5 h, and half an hour")
            .exactly(Stage(DETECTION), HOUR, "until noticed")
            .exactly(Stage(ACTION), 2.0 * HOUR, "the wait is part of the rollback"),
        case(
            "a rollback waits for the global control plane",
            outage(needs(), super::design::Place::GlobalControlPlane),
        )
        .exactly(Lost, 3.0 * HOUR, "10 h to 12.5 h, and half an hour"),
        case("a region that the change itself took down", needs()).exactly(
            Lost,
            1.5 * HOUR,
            "its control plane is up: 10 h to 11.5 h",
        ),
    ])
}

/// Where more than units is changed.
fn zones_regions_and_databases() -> Vec<Case> {
    let two_regions = || {
        let regions = world(9.0 * DAY).region("r", &["a"]).region("s", &["b"]).tier(pool("t", 2));
        regions.stack("r", &part("t")).stack("s", &part("t")).found_by(failover(["r", "s"], 60.0))
    };
    let push = |place| rollout("push", place).undone(fixed(30.0 * MINUTE), fixed(10.0 * MINUTE));
    let by_zone = || world(9.0 * DAY).region("r", &["a", "b"]).tier(pool("t", 2).capacity(50.0));
    let copied = database("d", "a").standby(copy("b")).noticed_after(fixed(10.0));
    table([
        // Seen after 30 s, and clients leave over 60 s: half of these are lost. The region is back before it is answered again.
        case(
            "region by region, the first is noticed",
            two_regions().changed(push(EachRegion).staged(&[Region, All], HOUR)),
        )
        .exactly(Lost, 60.0, "30 s, and half of 60 s"),
        case("all regions at once", two_regions().changed(push(EachRegion))).exactly(
            Lost,
            40.0 * MINUTE,
            "30 minutes unnoticed and 10 of rollback",
        ),
        case("everything at once", two_regions().changed(push(Everything))).exactly(
            Lost,
            40.0 * MINUTE,
            "30 minutes unnoticed and 10 of rollback",
        ),
        case("everything, a region first", two_regions().changed(push(Everything).staged(&[Region, All], HOUR)))
            .exactly(Lost, 60.0, "30 s, and half of 60 s"),
        case("only the second region", two_regions().changed(push(OneRegion("s")))).exactly(
            Lost,
            0.0,
            "nobody is there",
        ),
        case("a zone of a region, then all", by_zone().changed(push(EachRegion).staged(&[Zone, All], 20.0 * MINUTE)))
            .exactly(Lost, 10.0 * MINUTE + 20.0 * MINUTE, "a half for 20 minutes, all for 20"),
        case(
            "a database and its standby",
            world(9.0 * DAY).region("r", &["a", "b"]).database(copied).changed(push(EachNode("d"))),
        )
        .exactly(Lost, 40.0 * MINUTE, "no node is left to fail over to")
        .exactly(DataLosses, 0.0, "all is back"),
    ])
}

/// What happens to a unit that a change holds down.
fn units() -> Vec<Case> {
    let push = || rollout("push", EachUnit("t")).staged(&[Unit], 0.0);
    let seen = || balancer(checked_after(fixed(20.0), fixed(30.0)));
    let behind = world(70.0 * DAY).region("r", &["a", "b"]).tier(pool("t", 4).behind(seen()));
    // The zone dies at 10.5 h for half an hour, and new units are there at 11.5 h: the change that runs until 12 h does not hold them.
    let killed = world(19.0 * HOUR).region("r", &["a"]).tier(replaced_pool("t", 2, fixed(0.5 * HOUR)).required(2));
    let killed = killed.changed(push().every(fixed(10.0 * HOUR)).undone(fixed(HOUR), fixed(HOUR))).kills(
        "fire",
        OneZone("a"),
        fixed(10.5 * HOUR),
        fixed(0.5 * HOUR),
    );
    // Out of routing after 20 s and given up; the new instance serves after 40 + 100 s more and the first check.
    let replaced = group("t", 2).capacity(50.0).behind(balancer(checked_after(fixed(20.0), fixed(0.0))));
    let replaced = world(9.0 * DAY).region("r", &["a"]).tier(replaced.believing_the_balancer(300.0));
    // The unit's own failure, 10 h to 14 h, outlasts the change, 10 h to 12 h; and the crew is at work from the beginning.
    let both = world(19.0 * HOUR).region("r", &["a"]).tier(super::design::crewed_pool("t", 1, 1));
    let both = both.changed(push().every(fixed(10.0 * HOUR)).undone(fixed(HOUR), fixed(HOUR))).fails(
        "crash",
        EachUnit("t"),
        fixed(10.0 * HOUR),
        fixed(4.0 * HOUR),
    );
    // A unit fails half of the requests it gets and passes its checks: an eighth of all is lost for 900 s, in the second stage a half for 600 s.
    let gray = four_units().changed(push().staged(&[Unit, All], 900.0).undone(fixed(1_200.0), fixed(300.0)).gray(0.5));
    table([
        case("a gray change", gray).exactly(Lost, 9.0 * (900.0 / 8.0 + 600.0 / 2.0), "an eighth, then a half"),
        case("one of four behind a balancer", behind.changed(push().undone(fixed(600.0), fixed(300.0))))
            .exactly(Lost, 9.0 * 5.0, "a quarter for 20 s")
            .exactly(Stage(DETECTION), 9.0 * 5.0, "until it is out of routing"),
        case("a unit that is lost meanwhile", killed).exactly(Lost, 1.5 * HOUR, "10 h to 11.5 h"),
        case("a unit that is replaced meanwhile", replaced.changed(push().undone(fixed(600.0), fixed(300.0)))).exactly(
            Lost,
            80.0,
            "a half for 20 s unnoticed, and 140 s of replacement",
        ),
        case("a unit that fails as well", both).exactly(Lost, 4.0 * HOUR, "10 h to 14 h"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [stages_and_their_end(), overlaps_and_rates(), control_planes(), zones_regions_and_databases(), units()].concat()
}
