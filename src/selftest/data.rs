//! What becomes of data, and of reads apart from writes. The demand is 100 requests a second, ten of which write.

use super::answers::at_least;
use super::check::Metric::{
    AbsenceMean, AbsentWrites, Conflicts, DataLossMean, DataLosses, Incidents, Lost, LostReads, LostTimeOfWrites,
    LostTo, LostWrites, Stage, Unavailability, Unrecoverable,
};
use super::check::{Case, case, table};
use super::design::Place::{EachNode, OneRegion, OneZone};
use super::design::{
    DatabasePart, HOUR, MINUTE, World, all_of, any_of, checked_after, copies, copy, database, exponential, failover,
    fixed, never, part, pool, quorum, uniform, weighted, world,
};

fn zones(database: DatabasePart) -> World {
    world(20.0 * HOUR).region("r", &["a", "b", "c"]).database(database)
}

/// A primary in a, a standby in b that takes a minute to promote.
fn pair() -> DatabasePart {
    database("d", "a").standby(copy("b").promoted_in(fixed(60.0)))
}

/// The zone of the primary is down from 10 h on, for two hours.
fn failing(database: DatabasePart) -> World {
    zones(database).fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(2.0 * HOUR))
}

/// Reads survive while some node has the data, and are nine tenths of what is asked for.
fn reads_apart_from_writes() -> Vec<Case> {
    let readable = || pair().reads_survive();
    // The standby is down from 20 to 50 s of the failover, which then begins again: writes are lost for 50 + 60 s.
    let interrupted = failing(readable()).fails("other", OneZone("b"), fixed(10.0 * HOUR + 20.0), fixed(30.0));
    let remote =
        database("d", "a").replica(copy("c").decided_in(fixed(60.0)).promoted_in(fixed(240.0))).reads_survive();
    // Reads go on to a tier that carries 72 requests a second, and all 100 come to it otherwise: it loses 28 of 100 at all times but those.
    let behind =
        failing(readable()).tier(pool("t", 1).capacity(72.0).within(&["c"])).requiring(all_of([part("d"), part("t")]));
    // Of what the first database fails, which is writes, the second serves all.
    let two = failing(readable()).database(database("e", "b")).requiring(any_of([part("d"), part("e")]));
    table([
        case("a standby that is read", failing(readable()))
            .exactly(LostTimeOfWrites, 60.0, "the promotion")
            .exactly(LostReads, 0.0, "the standby serves them")
            .exactly(Lost, 6.0, "a tenth of the demand for 60 s")
            .exactly(Incidents, 1.0, "10 % are lost"),
        case("a standby that is not", failing(pair()))
            .exactly(LostTimeOfWrites, 60.0, "the promotion")
            .exactly(LostReads, 60.0, "the same")
            .exactly(Lost, 60.0, "the same"),
        case("with an endpoint that clients keep", failing(readable().endpoint_ttl(20.0)))
            .replications(2_000)
            .about(LostTimeOfWrites, 70.0, "60 + 20/2")
            .exactly(LostReads, 0.0, "the new primary serves them"),
        case("the standby is away for a while", interrupted).exactly(LostTimeOfWrites, 110.0, "50 + 60").exactly(
            LostReads,
            30.0,
            "no node is there",
        ),
        case("a replica before its promotion", failing(remote)).exactly(LostTimeOfWrites, 300.0, "60 + 240").exactly(
            LostReads,
            0.0,
            "the replica serves them",
        ),
        case("in front of a tier that is full", behind)
            .exactly(LostTimeOfWrites, 0.28 * (20.0 * HOUR - 60.0) + 60.0, "28 % of all, or all of them")
            .exactly(LostReads, 0.28 * (20.0 * HOUR - 60.0) + 0.2 * 60.0, "28 % of all, or 18 of the 90"),
        case("any of two", two).exactly(Lost, 0.0, "writes go to the other one"),
    ])
}

/// While clients move between regions, what is lost of reads and of writes is a line for each.
fn reads_apart_while_clients_move() -> Vec<Case> {
    // Region one is down from 10 h on; its database, the only one, is read in region two from the replica there. Clients move from 30 s to 90 s after
    // the failure; the replica is promoted 300 s after it. Reads are lost for 30 + 60/2 s; writes for 300 s.
    let replica = copy("b").promoted_in(fixed(300.0));
    let both = |database: DatabasePart| {
        world(20.0 * HOUR)
            .region("one", &["a"])
            .region("two", &["b"])
            .database(database)
            .stack("one", &part("d"))
            .stack("two", &part("d"))
            .found_by(failover(["one", "two"], 60.0).checked(checked_after(fixed(30.0), fixed(20.0))))
            .fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(20.0 * HOUR))
    };
    table([
        case("a replica that is read elsewhere", both(database("d", "a").replica(replica.clone()).reads_survive()))
            .exactly(LostReads, 60.0, "30 + 60/2")
            .exactly(LostTimeOfWrites, 300.0, "the promotion")
            .exactly(Lost, 0.9 * 60.0 + 0.1 * 300.0, "by their shares"),
        case("a replica that is not", both(database("d", "a").replica(replica)))
            // Region two, too, is seen failing after 30 s, and healthy 20 s after the promotion.
            .exactly(LostReads, 350.0, "300 + 20 + 60/2")
            .exactly(Lost, 350.0, "the same"),
    ])
}

/// A corruption is in every copy, wrong data are served until it is found, and only a backup from before it helps.
fn corruption() -> Vec<Case> {
    let found_after = |law, database| zones(database).corrupts("bug", EachNode("d"), fixed(10.0 * HOUR), law);
    let backed_up = || pair().reads_survive().backup(HOUR, fixed(300.0), fixed(1_200.0));
    let late = |database| found_after(fixed(3.0 * HOUR), database);
    // The primary fails over at 11 h, which brings no clean data.
    let failover = late(backed_up()).fails("zone", OneZone("a"), fixed(11.0 * HOUR), fixed(HOUR));
    // Points lie an hour apart with a random phase, so the clean one is U before the corruption, U uniform on (0, 1 h), and 3 h + U old when the
    // corruption is found: with a retention of 3.25 h one in four is still there.
    let kept = late(backed_up().kept_for(3.25 * HOUR));
    // Every zone is killed at 10.5 h and the data are restored from a point U before: the corruption is gone if U > 30 min, and found else.
    let killed = |database: DatabasePart| {
        late(database).kills("one", OneZone("a"), fixed(10.5 * HOUR), fixed(20.0 * HOUR)).kills(
            "other",
            OneZone("b"),
            fixed(10.5 * HOUR),
            fixed(20.0 * HOUR),
        )
    };
    // A corruption every 2 h after the last clean start, found after 30 min, cleaned in 30 min: at 2, 5, 8, ... 17 h, each found half an hour later.
    let often = zones(database("d", "a").backup(600.0, fixed(0.0), fixed(0.5 * HOUR))).corrupts(
        "bug",
        EachNode("d"),
        fixed(2.0 * HOUR),
        fixed(0.5 * HOUR),
    );
    let nodes = || quorum("d", &["a", "b", "c"], 2, 2).backup(HOUR, fixed(300.0), fixed(1_200.0));
    table([
        case("a restore after a corruption", late(backed_up()))
            .replications(3_000)
            .exactly(Lost, 1_500.0, "decision + restore; nothing before it is found")
            .exactly(LostReads, 1_500.0, "what is corrupt is not read, either")
            .exactly(Stage(1), 300.0, "decision")
            .exactly(Stage(2), 1_200.0, "restore")
            .exactly(LostTo("bug"), 1_500.0, "its cause")
            .exactly(DataLosses, 1.0, "one restore")
            .about(DataLossMean, 3.5 * HOUR, "until found + half an interval")
            .about(LostWrites, 10.0 * 3.5 * HOUR, "rate times age")
            .exactly(Unrecoverable, 0.0, "a clean point is kept for ever"),
        case("a failover does not help", failover)
            .exactly(Lost, 6.0 + 1_500.0, "the writes of a failover, and the restore")
            .exactly(DataLosses, 1.0, "one restore"),
        case("a retention that is too short for most", kept)
            .replications(4_000)
            .exactly(Lost, 1_500.0, "what cannot be clean is made anew in the same time")
            .about(Unrecoverable, 0.75, "U above 15 min of an hour")
            .about(DataLossMean, 3.125 * HOUR, "until found + half of 15 min"),
        case("never found", found_after(never(), backed_up())).exactly(Lost, 0.0, "wrong data are served"),
        case("no backup", late(pair()))
            .exactly(Lost, 7.0 * HOUR, "from 13 h on for ever")
            .exactly(Unrecoverable, 1.0, "nothing to restore from")
            .exactly(DataLosses, 0.0, "it has no age"),
        case("a restore for another reason", killed(backed_up()))
            .replications(4_000)
            .about(Lost, 1_500.0 + 0.5 * 1_500.0, "the restore, and in half of the cases a second one")
            .about(Incidents, 1.5, "the same"),
        case("again and again", often).exactly(Lost, 6.0 * 0.5 * HOUR, "six restores").exactly(
            DataLosses,
            6.0,
            "the next one comes 2 h after the restore",
        ),
        case("equal nodes", late(nodes())).replications(3_000).exactly(Lost, 1_500.0, "decision + restore").about(
            DataLossMean,
            3.5 * HOUR,
            "until found + half an interval",
        ),
    ])
}

/// Storage that outlives its nodes, as Aurora has it: nothing is lost by nodes and zones.
fn storage() -> Vec<Case> {
    let alone = || database("d", "a").noticed_after(fixed(10.0)).stored(fixed(600.0), fixed(HOUR));
    let node =
        |database: DatabasePart, mttf: f64| zones(database).kills("node", EachNode("d"), fixed(mttf), fixed(60.0));
    let zone = |repair: f64| zones(alone()).kills("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(repair));
    let reader = || alone().standby(copy("b").promoted_in(fixed(30.0))).rebuilt_in(fixed(600.0)).reads_survive();
    let backed_up = alone().backup(HOUR, fixed(0.0), fixed(2.0 * HOUR));
    let region = world(20.0 * HOUR)
        .region("r", &["a", "b"])
        .region("s", &["c"])
        .database(alone().replica(copy("c").promoted_in(fixed(300.0)).lagging(fixed(1.0))))
        .stack("s", &part("d"));
    table([
        case("a node is made anew", node(alone(), 15.0 * HOUR)).exactly(Lost, 610.0, "10 + 600").exactly(
            DataLosses,
            0.0,
            "nothing is lost",
        ),
        // The new node lives from 7 h 610 s on, and fails 7 h later.
        case("the new node fails, too", node(alone(), 7.0 * HOUR)).exactly(Incidents, 2.0, "it begins its life afresh"),
        case("a long zone failure", zone(5.0 * HOUR)).exactly(Lost, 10.0 + HOUR, "by hand in another zone"),
        case("a zone failure of 20 min", zone(20.0 * MINUTE)).exactly(
            Lost,
            20.0 * MINUTE + 600.0,
            "made anew in its zone, once that is back",
        ),
        case("a reader takes over", zones(reader()).kills("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR)))
            .exactly(LostTimeOfWrites, 40.0, "10 + 30")
            .exactly(LostReads, 0.0, "it is a reader")
            .exactly(DataLosses, 0.0, "one storage"),
        case(
            "not given up for a copy that lags",
            region.clone().kills("node", OneZone("a"), fixed(10.0 * HOUR), fixed(9.0 * HOUR)),
        )
        .exactly(Lost, 10.0 + HOUR, "by hand in another zone of the region")
        .exactly(DataLosses, 0.0, "nothing is lost"),
        case("the region is lost", region.kills("region", OneRegion("r"), fixed(10.0 * HOUR), fixed(9.0 * HOUR)))
            .exactly(Lost, 310.0, "10 + 300")
            .exactly(DataLossMean, 1.0, "the lag"),
        case(
            "the region is lost without a replica",
            zones(backed_up).kills("region", OneRegion("r"), fixed(10.0 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, 3.0 * HOUR, "an hour down, and the restore")
        .exactly(DataLosses, 1.0, "storage is lost with its region"),
    ])
}

/// A second standby takes over when the first is not there, and loses nothing.
fn two_standbys() -> Vec<Case> {
    let three = || pair().second_standby("c");
    let first_is_down = failing(three()).fails("other", OneZone("b"), fixed(9.0 * HOUR), fixed(9.0 * HOUR));
    // b takes over at 10 h; it fails at 10 h 30 min, when a is still down.
    let one_after_the_other = failing(three()).fails("other", OneZone("b"), fixed(10.5 * HOUR), fixed(5.0 * HOUR));
    table([
        case("the first standby is down", first_is_down).exactly(Lost, 60.0, "the second is promoted").exactly(
            DataLosses,
            0.0,
            "it is in sync",
        ),
        case("one after the other", one_after_the_other).exactly(Lost, 120.0, "two failovers").exactly(
            DataLosses,
            0.0,
            "all are in sync",
        ),
    ])
}

/// Equal nodes in zones: independent nodes are binomial, and a write needs more of them than a read.
fn quorums() -> Vec<Case> {
    // Each node is up 0.9 of the time.
    let nodes = |of: &[&'static str], read, write| {
        world(400.0 * HOUR)
            .warming_up(100.0 * HOUR)
            .region("r", &["a", "b", "c"])
            .database(quorum("d", of, read, write))
            .fails("node", EachNode("d"), exponential(9.0 * HOUR), uniform(0.5 * HOUR, 1.5 * HOUR))
    };
    let three = ["a", "b", "c"];
    let five = ["a", "b", "c", "a", "b"];
    let lost = |n, k| 1.0 - at_least(n, k, 0.9);
    let counted = 300.0 * HOUR;
    // Zone a holds two of five nodes: with it down from 10 h on and one more node from 12 h to 13 h, two are left.
    let zone = zones(quorum("d", &five, 2, 3))
        .fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(9.0 * HOUR))
        .fails("other", OneZone("c"), fixed(12.0 * HOUR), fixed(HOUR));
    // Killed nodes are back an hour after their zone; until then the other two of three serve. The second zone is killed meanwhile.
    let rebuilt = zones(quorum("d", &three, 2, 2).rebuilt_in(fixed(HOUR)))
        .kills("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR))
        .kills("other", OneZone("b"), fixed(11.5 * HOUR), fixed(HOUR));
    let all = |database: DatabasePart| {
        ["a", "b", "c"]
            .into_iter()
            .fold(zones(database), |world, zone| world.kills(zone, OneZone(zone), fixed(10.0 * HOUR), fixed(HOUR)))
    };
    table([
        case("2 of 3", nodes(&three, 2, 2)).replications(1_000).about(Unavailability, lost(3, 2), "binomial").about(
            LostReads,
            counted * lost(3, 2),
            "the same",
        ),
        case("reads of 1, writes of 3 of 3", nodes(&three, 1, 3))
            .replications(1_000)
            .about(LostTimeOfWrites, counted * lost(3, 3), "binomial")
            .about(LostReads, counted * lost(3, 1), "binomial")
            .about(Unavailability, 0.1 * lost(3, 3) + 0.9 * lost(3, 1), "by their shares"),
        case("3 of 5", nodes(&five, 3, 3)).replications(1_000).about(Unavailability, lost(5, 3), "binomial"),
        case("a zone and a node", zone).exactly(LostTimeOfWrites, HOUR, "two of five are left for an hour").exactly(
            LostReads,
            0.0,
            "enough for a read",
        ),
        case("rebuilt one after the other", rebuilt).exactly(Lost, 0.5 * HOUR, "from 11.5 h to 12 h one node has data"),
        case("all are killed, with backups", all(quorum("d", &three, 2, 2).backup(HOUR, fixed(0.0), fixed(600.0))))
            .exactly(Lost, HOUR + 600.0, "their zones are down for an hour, and the restore")
            .exactly(DataLosses, 1.0, "one restore"),
        case("all are killed, without", all(quorum("d", &three, 2, 2))).exactly(Lost, 10.0 * HOUR, "for ever").exactly(
            Unrecoverable,
            1.0,
            "nothing to restore from",
        ),
    ])
}

/// A copy in each region, which serves the stack there.
fn regions() -> Vec<Case> {
    let three = |database: DatabasePart| {
        let world = world(20.0 * HOUR).region("one", &["a"]).region("two", &["b"]).region("zero", &["c"]);
        ["one", "two", "zero"]
            .into_iter()
            .fold(world.database(database), |world, region| world.stack(region, &part("d")))
    };
    let all = ["one", "two", "zero"];
    // Half of the clients at region one, a quarter at each of the others; they stay where they are.
    let shared = || weighted([("one", 0.5), ("two", 0.25), ("zero", 0.25)], 60.0).unchecked();
    let latest = || copies("d", &all, 1, 1).sending_after(fixed(2.0), 0.1);
    let strong = |read| copies("d", &all, read, 2);
    let down = |database: DatabasePart, region, from: f64, length: f64| {
        three(database).found_by(shared()).fails(region, OneRegion(region), fixed(from * HOUR), fixed(length * HOUR))
    };
    let two_down = |database: DatabasePart| {
        down(database, "one", 10.0, 2.0).fails("two", OneRegion("two"), fixed(11.0 * HOUR), fixed(2.0 * HOUR))
    };
    table([
        // What region one had not sent: 2 s of half of ten writes a second.
        case("the last writer wins", down(latest(), "one", 10.0, 2.0))
            .exactly(Lost, 0.5 * 2.0 * HOUR, "half of the clients for 2 h")
            .exactly(AbsentWrites, 10.0, "2 s of 5 writes")
            .exactly(AbsenceMean, 2.0 * HOUR, "until it is back")
            .exactly(Conflicts, 1.0, "a tenth of them")
            .exactly(DataLosses, 0.0, "they come back"),
        case(
            "killed",
            down(latest(), "one", 30.0, 2.0).kills("x", OneRegion("one"), fixed(10.0 * HOUR), fixed(2.0 * HOUR)),
        )
        .exactly(AbsentWrites, 0.0, "they do not come back")
        .exactly(DataLossMean, 2.0, "the lag")
        .exactly(LostWrites, 10.0, "2 s of 5 writes"),
        case("not back at the end", down(latest(), "one", 19.0, 2.0))
            .exactly(AbsenceMean, HOUR, "what is seen of it")
            .exactly(Conflicts, 0.0, "none yet"),
        case("the last writer wins in what is left", two_down(latest())).exactly(
            Lost,
            (0.5 + 0.25) * 2.0 * HOUR,
            "each region serves its own clients",
        ),
        // From 11 to 12 h only region zero is up: it serves its reads, but no majority is there for its writes.
        case("strongly consistent writes", two_down(strong(1)))
            .exactly(LostReads, 1.5 * HOUR, "each region serves its own clients")
            .exactly(LostTimeOfWrites, (1.5 + 0.25) * HOUR, "and a quarter of the writes for an hour")
            .exactly(DataLosses, 0.0, "a majority has them"),
        case("strongly consistent reads", two_down(strong(2))).exactly(
            LostReads,
            (1.5 + 0.25) * HOUR,
            "no majority for an hour",
        ),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [reads_apart_from_writes(), reads_apart_while_clients_move(), corruption(), storage(), two_standbys(), quorums(), regions()].concat()
}
