//! Databases: who takes over, how long it takes, what is lost.

use super::check::Metric::{
    DataLoss, DataLossMean, DataLosses, Incidents, Lost, LostTo, LostWrites, Recovery, RecoveryMean, Stage,
};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachNode, GlobalControlPlane, OneRegion, OneZone};
use super::design::{DatabasePart, HOUR, MINUTE, World, copy, database, fixed, lognormal, never, part, people, uniform, world};

fn zones(database: DatabasePart) -> World {
    world(20.0 * HOUR).region("r", &["a", "b", "c"]).database(database)
}

/// The zone of the primary is down from 10 h on, for so long; and for so long again, not within the history, unless it is short.
fn failing(database: DatabasePart, repair: f64) -> World {
    zones(database).fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(repair))
}

fn killed(database: DatabasePart, repair: f64) -> World {
    zones(database).kills("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(repair))
}

/// A primary in a, a standby in b that takes a minute to promote.
fn pair() -> DatabasePart {
    database("d", "a").standby(copy("b").promoted_in(fixed(60.0)))
}

/// Multi-AZ: the promotion of a standby takes 60 to 120 s.
fn standby() -> Vec<Case> {
    let promoted = || database("d", "a").standby(copy("b").promoted_in(uniform(60.0, 120.0)));
    let covered = copy("b").promoted_in(fixed(90.0)).covered(0.8, fixed(30.0 * MINUTE));
    let staged = copy("b").decided_in(fixed(20.0)).promoted_in(fixed(60.0));
    let manual = || database("d", "a").standby(copy("b").promoted_in(fixed(60.0)).covered(0.0, fixed(30.0 * MINUTE)));
    let slow = database("d", "a").standby(copy("b").decided_in(fixed(10.0 * MINUTE)).promoted_in(fixed(60.0)));
    table([
        case("promotion uniform on (60, 120) s", failing(promoted(), 2.0 * HOUR))
            .replications(3_000)
            .about(RecoveryMean, 90.0, "its mean")
            .inside(Recovery(0.5), 90.0, "its median")
            .inside(Recovery(0.95), 117.0, "its 95th percentile"),
        case(
            "detection 10 s, endpoint TTL 20 s",
            failing(promoted().noticed_after(fixed(10.0)).endpoint_ttl(20.0), 2.0 * HOUR),
        )
        .replications(3_000)
        .about(Lost, 10.0 + 90.0 + 10.0, "detection + promotion + TTL / 2")
        .about(RecoveryMean, 10.0 + 90.0 + 10.0, "the same"),
        case("coverage 80 %", failing(database("d", "a").standby(covered), 2.0 * HOUR)).replications(3_000).about(
            RecoveryMean,
            0.8 * 90.0 + 0.2 * 1_800.0,
            "mixture",
        ),
        case("its stages", failing(database("d", "a").noticed_after(fixed(10.0)).standby(staged), 2.0 * HOUR))
            .exactly(Lost, 90.0, "10 + 20 + 60")
            .exactly(Stage(0), 10.0, "detection")
            .exactly(Stage(1), 20.0, "decision")
            .exactly(Stage(2), 60.0, "action")
            .exactly(DataLosses, 0.0, "a synchronous copy loses nothing"),
        case("back before it is missed", failing(pair().noticed_after(fixed(10.0 * MINUTE)), 5.0 * MINUTE)).exactly(
            Lost,
            5.0 * MINUTE,
            "no failover",
        ),
        case("back before the decision", failing(slow, 5.0 * MINUTE)).exactly(Lost, 5.0 * MINUTE, "called off"),
        case("back before the end by hand", failing(manual(), 10.0 * MINUTE)).exactly(
            Lost,
            10.0 * MINUTE,
            "called off",
        ),
        case("by hand", failing(manual(), 2.0 * HOUR)).exactly(Lost, 30.0 * MINUTE, "by hand"),
        case("back during the promotion", failing(pair().noticed_after(fixed(10.0)), 30.0)).exactly(
            Lost,
            70.0,
            "it runs to its end",
        ),
        case("a single node", failing(database("d", "a"), 2.0 * HOUR)).exactly(Lost, 2.0 * HOUR, "the outage"),
        case("two nodes fail together", zones(pair()).fails("node", EachNode("d"), fixed(10.0 * HOUR), fixed(300.0)))
            .exactly(Lost, 300.0, "the old one serves at once"),
    ])
}

/// What is not there cannot take over.
fn waiting() -> Vec<Case> {
    let plane =
        |place| failing(pair(), 2.0 * HOUR).fails("plane", place, fixed(10.0 * HOUR - 60.0), fixed(5.0 * MINUTE));
    let other = |from: f64, length: f64| (fixed(10.0 * HOUR + from), fixed(length));
    let with = |database: DatabasePart, repair: f64, (life, length)| {
        failing(database, repair).fails("other", OneZone("b"), life, length)
    };
    let slow = || database("d", "a").standby(copy("b").promoted_in(fixed(100.0)));
    table([
        case("the control plane is down", plane(ControlPlane("r"))).exactly(Lost, 240.0 + 60.0, "until it is back"),
        case("the global control plane is down", plane(GlobalControlPlane)).exactly(
            Lost,
            240.0 + 60.0,
            "until it is back",
        ),
        case("the standby returns first", with(pair(), 2.0 * HOUR, other(0.0, 30.0 * MINUTE))).exactly(
            Lost,
            1_800.0 + 60.0,
            "promoted when it is back",
        ),
        case("the primary returns first", with(pair(), 20.0 * MINUTE, other(0.0, 2.0 * HOUR))).exactly(
            Lost,
            20.0 * MINUTE,
            "it serves at once",
        ),
        // Promoted from 0 to 100 s, dead from 50 to 80 s: again from 80 to 180 s.
        case("the standby dies during its promotion", with(slow(), 2.0 * HOUR, other(50.0, 30.0))).exactly(
            Lost,
            180.0,
            "the search starts again",
        ),
        // b serves from 10 h and 60 s on and fails from 12 to 15 h; a is back at 11 h and a copy half an hour or two hours later.
        case("rebuilt in time", with(pair().rebuilt_in(fixed(0.5 * HOUR)), HOUR, other(2.0 * HOUR, 3.0 * HOUR)))
            .exactly(Lost, 60.0 + 60.0, "two failovers")
            .exactly(Incidents, 2.0, "two failovers"),
        case("rebuilt too late", with(pair().rebuilt_in(fixed(2.0 * HOUR)), HOUR, other(2.0 * HOUR, 3.0 * HOUR)))
            .exactly(Lost, 60.0 + 3.0 * HOUR, "nothing to copy from: down from 12 h until b is back"),
        case(
            "killed, and rebuilt too late",
            killed(pair().rebuilt_in(fixed(2.0 * HOUR)), HOUR).fails(
                "other",
                OneZone("b"),
                fixed(12.0 * HOUR),
                fixed(3.0 * HOUR),
            ),
        )
        .exactly(Lost, 60.0 + 3.0 * HOUR, "nothing to copy from: down from 12 h until b is back")
        .exactly(DataLosses, 0.0, "a synchronous copy loses nothing"),
        case("killed for less than the detection", killed(pair().noticed_after(fixed(60.0)), 20.0)).exactly(
            Lost,
            60.0 + 60.0,
            "its data are gone: failed over",
        ),
        case("masked for less than the detection", failing(pair().noticed_after(fixed(60.0)), 20.0)).exactly(
            Lost,
            20.0,
            "it serves on",
        ),
    ])
}

/// An asynchronous copy loses its lag, a restore what was written since the last restore point. Writes come at ten a second.
fn data_loss() -> Vec<Case> {
    let lag = lognormal(10.0, 0.8);
    let remote =
        |lag| database("d", "a").replica(copy("c").decided_in(fixed(60.0)).promoted_in(fixed(120.0)).lagging(lag));
    // Of a lognormal of mean 10 s the median is 10 exp(-0.32), and the quantile at p that times exp(0.8 z(p)).
    let median = 10.0 * (-0.32f64).exp();
    let backed_up = || database("d", "a").noticed_after(fixed(10.0)).backup(HOUR, fixed(300.0), fixed(1_200.0));
    let both = || pair().replica(copy("c").promoted_in(fixed(120.0)).lagging(fixed(5.0)));
    let volume = zones(backed_up()).kills("volume", EachNode("d"), fixed(10.0 * HOUR), fixed(60.0));
    let all = killed(pair().backup(HOUR, fixed(300.0), fixed(1_200.0)), 3.0 * HOUR).kills(
        "other",
        OneZone("b"),
        fixed(10.0 * HOUR),
        fixed(3.0 * HOUR),
    );
    table([
        case("a replica", failing(remote(lag), 2.0 * HOUR))
            .replications(4_000)
            .exactly(Lost, 180.0, "60 + 120")
            .about(DataLossMean, 10.0, "mean lag")
            .inside(DataLoss(0.5), median, "median lag")
            .inside(DataLoss(0.95), median * (0.8f64 * 1.644_853_627).exp(), "95th percentile of the lag")
            .inside(DataLoss(0.99), median * (0.8f64 * 2.326_347_874).exp(), "99th percentile of the lag")
            .about(LostWrites, 10.0 * 10.0, "rate times mean lag")
            .exactly(DataLosses, 1.0, "one failover"),
        case("a restore", volume)
            .replications(4_000)
            .exactly(Lost, 10.0 + 300.0 + 1_200.0, "detection + decision + restore")
            .about(DataLossMean, 0.5 * HOUR, "uniform on (0, 1 h)")
            .inside(DataLoss(0.5), 0.5 * HOUR, "uniform on (0, 1 h)")
            .inside(DataLoss(0.95), 0.95 * HOUR, "uniform on (0, 1 h)")
            .about(LostWrites, 10.0 * 0.5 * HOUR, "rate times mean age")
            .exactly(DataLosses, 1.0, "one restore"),
        // A zone stays down for three hours; the restore goes to another one.
        case("a restore in another zone", killed(backed_up(), 3.0 * HOUR)).exactly(
            Lost,
            10.0 + 300.0 + 1_200.0,
            "any zone",
        ),
        case("both copies are killed", all).exactly(Lost, 300.0 + 1_200.0, "restore").exactly(
            DataLosses,
            1.0,
            "one restore",
        ),
        case("standby before replica", failing(both(), 2.0 * HOUR)).exactly(Lost, 60.0, "the standby").exactly(
            DataLosses,
            0.0,
            "loses nothing",
        ),
        case(
            "replica without standby",
            failing(both(), 2.0 * HOUR).fails("other", OneZone("b"), fixed(9.0 * HOUR), fixed(4.0 * HOUR)),
        )
        .exactly(Lost, 120.0, "the replica")
        .exactly(DataLossMean, 5.0, "its lag")
        .exactly(LostWrites, 50.0, "rate times lag"),
    ])
}

/// A primary in one region, a replica in two, clients in a third.
fn regions() -> Vec<Case> {
    let spread = |failback| {
        let replica = copy("b").promoted_in(fixed(120.0)).lagging(fixed(5.0)).failing_back_after(failback);
        world(20.0 * HOUR)
            .region("one", &["a"])
            .region("two", &["b"])
            .region("zero", &["c"])
            .database(database("d", "a").noticed_after(fixed(30.0)).replica(replica))
            .stack("zero", &part("d"))
            .fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(HOUR))
            .fails("two", OneRegion("two"), fixed(13.0 * HOUR), fixed(2.0 * HOUR))
    };
    table([
        case("roles return", spread(fixed(HOUR)))
            .exactly(Lost, 150.0, "at 12 h, before the replica's region fails")
            .exactly(LostWrites, 50.0, "one failover"),
        case("roles return too late", spread(fixed(3.0 * HOUR))).exactly(Lost, 300.0, "a failover each way").exactly(
            LostWrites,
            100.0,
            "each loses the lag",
        ),
        case("roles stay", spread(never())).exactly(Lost, 300.0, "a failover each way").exactly(
            DataLosses,
            2.0,
            "each loses the lag",
        ),
    ])
}

/// The return of the roles may take the database down, and people decide on a restore.
fn people_and_their_risks() -> Vec<Case> {
    // Down from 10 h on for an hour: two minutes until the replica serves. The roles return ten minutes after 11 h, and that takes 700 s.
    let risky = |probability: f64| {
        let replica = copy("b").promoted_in(fixed(120.0)).failing_back_after(fixed(10.0 * MINUTE));
        failing(database("d", "a").replica(replica.risking(probability, fixed(700.0))), HOUR)
    };
    // 300 s into that the first zone fails again, for an hour: two minutes as before, and then the whole return once more.
    let again = risky(1.0).fails("again", OneZone("a"), fixed(11.0 * HOUR + 15.0 * MINUTE), fixed(HOUR));
    let lost_on = |hour: f64| {
        let restored = database("d", "a").backup(HOUR, people(fixed(45.0 * MINUTE)), fixed(10.0 * MINUTE));
        world((hour + 4.0) * HOUR).region("r", &["a"]).database(restored).kills("f", EachNode("d"), fixed(hour * HOUR), fixed(60.0))
    };
    table([
        case("the return of the roles fails", risky(1.0))
            .exactly(Lost, 120.0 + 700.0, "the failover, and the return")
            .exactly(LostTo("zone"), 820.0, "both are the zone's")
            .exactly(Incidents, 2.0, "one each"),
        case("it never does", risky(0.0)).exactly(Lost, 120.0, "the failover"),
        case("one return in five fails", risky(0.2)).replications(4_000).about(
            Lost,
            120.0 + 0.2 * 700.0,
            "the failover, and a fifth of 700 s",
        ),
        case("a failure within a failed return", again)
            .exactly(Lost, 120.0 + 300.0 + 120.0 + 700.0, "it is called off by the failure, and fails once more")
            .exactly(LostTo("zone"), 420.0, "until the second failure")
            .exactly(LostWrites, 0.0, "no lag"),
        case("a restore at work", lost_on(10.0)).exactly(Lost, 15.0 * MINUTE + 10.0 * MINUTE, "15 + 10 min"),
        case("a restore at night", lost_on(26.0)).exactly(Lost, 70.0 * MINUTE, "45 min more"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [standby(), waiting(), data_loss(), regions(), people_and_their_risks()].concat()
}
