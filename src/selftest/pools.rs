//! Pools of units: independent repair, crews, zones and regions that mask or kill, capacity.

use super::answers::{at_least, binomial, stationary};
use super::check::Metric::{Downtime, Incidents, Lost, LostTo, OpenedBy, Recovery, RecoveryMax, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{EachRegion, EachUnit, EachZone, Everything, OneRegion, OneZone, WholeTier};
use super::design::{
    DAY, HOUR, MINUTE, TierPart, World, YEAR, crewed_pool, exponential, fixed, gamma, lognormal, pool, replaced_pool,
    uniform, wearing, world,
};

/// Units in one zone that fail every 10 h and are repaired in 1 h, both exponential, in the steady state.
fn units(tier: TierPart) -> World {
    let (life, repair) = (exponential(10.0 * HOUR), exponential(HOUR));
    steady().region("r", &["a"]).tier(tier).fails("unit", EachUnit("t"), life, repair)
}

fn steady() -> World {
    world(250.0 * HOUR).warming_up(50.0 * HOUR)
}

/// Availability of a thing with these means.
fn up(mttf: f64, mttr: f64) -> f64 {
    mttf / (mttf + mttr)
}

/// Independent repair: units up are binomial (Trivedi 2002, "Probability and Statistics with Reliability, Queuing, and Computer Science
/// Applications", section 8.3).
fn independent_units() -> Vec<Case> {
    let two_modes =
        units(pool("t", 1)).fails("other", EachUnit("t"), exponential(20.0 * HOUR), lognormal(2.0 * HOUR, 0.8));
    let mut cases: Vec<Case> = [(1, 1), (4, 5), (2, 3), (3, 3)]
        .map(|(k, n)| {
            case(format!("{k} of {n} with a crew each"), units(pool("t", n).required(k))).replications(1_500).about(
                Unavailability,
                1.0 - at_least(n, k, 10.0 / 11.0),
                "binomial",
            )
        })
        .into();
    // Nearly always down: of a common stream of failures nearly all would be on what is down already.
    let frail = |tier: TierPart| {
        let failing = steady().region("r", &["a"]).tier(tier);
        failing.fails("f", EachUnit("t"), exponential(3.0 * MINUTE), exponential(HOUR))
    };
    cases.push(case("units that are down most of the time", frail(pool("t", 3))).replications(1_500).about(
        Unavailability,
        1.0 - at_least(3, 1, 1.0 / 21.0),
        "binomial",
    ));
    cases.push(case("two modes of a unit", two_modes).replications(1_500).about(
        Unavailability,
        1.0 - (10.0 / 11.0) * (20.0 / 22.0),
        "both must be up: product",
    ));
    cases
}

/// Machine repairman: a birth and death chain in the number of units down, at rate (n - j) / MTTF up and min(j, crews) / MTTR down
/// (Feller 1968, "An Introduction to Probability Theory", volume I, XVII.7).
fn crews() -> Vec<Case> {
    let few = |n: u32, k: u32, crews: u32| {
        let mut rates = Vec::new();
        for j in 0..n {
            rates.push((j as usize, j as usize + 1, f64::from(n - j) / 10.0));
            rates.push((j as usize + 1, j as usize, f64::from((j + 1).min(crews))));
        }
        let chain = stationary(n as usize + 1, &rates);
        let down: f64 = chain[(n - k + 1) as usize..].iter().sum();
        case(format!("{k} of {n} with {crews} crews"), units(crewed_pool("t", n, crews).required(k)))
            .replications(1_500)
            .about(Unavailability, down, "birth and death chain")
    };
    // Two modes of one unit and one crew, first come, first served. States: 0 up, 1 only a down, 2 only b down, 3 both and a in repair,
    // 4 both and b in repair; a fails every 4 h and takes 1 h, b every 5 h and 2 h.
    let (la, ma, lb, mb) = (1.0 / 4.0, 1.0, 1.0 / 5.0, 0.5);
    let chain = stationary(
        5,
        &[(0, 1, la), (0, 2, lb), (1, 0, ma), (1, 3, lb), (3, 2, ma), (2, 0, mb), (2, 4, la), (4, 1, mb)],
    );
    let shared = steady()
        .region("r", &["a"])
        .tier(crewed_pool("t", 1, 1))
        .fails("a", EachUnit("t"), exponential(4.0 * HOUR), exponential(HOUR))
        .fails("b", EachUnit("t"), exponential(5.0 * HOUR), exponential(2.0 * HOUR));
    // Two units fail together at 10 h and take an hour each: with one crew the second is up after two, and never in between are both.
    // Then the first fails again at 21 h (ten hours after its repair), the second at 22 h: while both are in service none is lost.
    let queue = world(20.0 * HOUR).region("r", &["a"]).tier(crewed_pool("t", 2, 1).required(2)).fails(
        "unit",
        EachUnit("t"),
        fixed(10.0 * HOUR),
        fixed(HOUR),
    );
    table([
        few(4, 3, 1),
        few(4, 3, 2),
        few(5, 2, 2),
        case("two modes share a crew", shared).replications(1_500).about(
            Unavailability,
            1.0 - chain[0],
            "Markov chain of five states",
        ),
        case("two repairs queue", queue).exactly(Lost, 2.0 * HOUR, "one after the other").exactly(
            Incidents,
            1.0,
            "in one incident",
        ),
    ])
}

/// Four of six units in three zones of a region, each of which fails on its own; everything masks. Sum over the number of zones up, of
/// the binomial probability that enough of their units work.
fn four_of_six(unit: f64, zone: f64, region: f64) -> f64 {
    let enough = |zones: u32| binomial(3, zones, zone) * at_least(2 * zones, 4, unit);
    1.0 - region * (2..=3).map(enough).sum::<f64>()
}

/// Zones and regions take down what stands in them: one shared outage, whatever number of units it covers.
fn common_causes() -> Vec<Case> {
    let six = |horizon: f64| world(horizon).region("r", &["a", "b", "c"]).tier(pool("t", 6).required(4));
    let often = six(600.0 * HOUR)
        .warming_up(200.0 * HOUR)
        .fails("unit", EachUnit("t"), wearing(20.0 * HOUR), exponential(HOUR))
        .fails("zone", EachZone, exponential(60.0 * HOUR), lognormal(2.0 * HOUR, 1.0))
        .fails("region", EachRegion, gamma(100.0 * HOUR, 2.0), uniform(HOUR, 5.0 * HOUR));
    // W1, with realistic numbers: stationary unavailability 8.5807e-5, most of it the region's 8.561e-5. After five days all repairs
    // (exponential) have forgotten the start: exp(-120 h / 3 h) = 4e-18.
    let realistic = six(10.0 * YEAR)
        .warming_up(5.0 * DAY)
        .fails("unit", EachUnit("t"), exponential(60.0 * DAY), exponential(10.0 * MINUTE))
        .fails("zone", EachZone, exponential(2.0 * YEAR), exponential(2.0 * HOUR))
        .fails("region", EachRegion, exponential(4.0 * YEAR), exponential(3.0 * HOUR));
    let w1 = four_of_six(up(60.0 * DAY, 10.0 * MINUTE), up(2.0 * YEAR, 2.0 * HOUR), up(4.0 * YEAR, 3.0 * HOUR));
    assert!((w1 - 8.5807e-5).abs() < 5e-10, "W1 is {w1}");
    let zones = |required: u32| {
        let both = world(250.0 * HOUR).warming_up(50.0 * HOUR).region("r", &["a", "b"]);
        both.tier(pool("t", 8).required(required)).fails("zone", EachZone, exponential(10.0 * HOUR), exponential(HOUR))
    };
    let share = 1.0 / 11.0;
    let fixed_world = || world(20.0 * HOUR).region("r", &["a", "b"]);
    table([
        case("4 of 6 in 3 zones, frequent failures", often).replications(1_000).about(
            Unavailability,
            four_of_six(up(20.0, 1.0), up(60.0, 2.0), up(100.0, 3.0)),
            "enumeration",
        ),
        case("W1: 4 of 6 in 3 zones, realistic failures", realistic).replications(700).about(
            Unavailability,
            w1,
            "enumeration",
        ),
        // Eight units in two zones: all of them are one outage per zone, and zones are independent.
        case("a unit in either zone", zones(1)).replications(1_500).about(
            Unavailability,
            share * share,
            "both zones down",
        ),
        case("units in both zones", zones(8)).replications(800).about(
            Unavailability,
            1.0 - (1.0 - share) * (1.0 - share),
            "either zone down",
        ),
        case(
            "a zone of four units",
            fixed_world().tier(pool("t", 4).within(&["a"])).fails(
                "zone",
                OneZone("a"),
                fixed(10.0 * HOUR),
                fixed(HOUR),
            ),
        )
        .exactly(Lost, HOUR, "one outage, not four")
        .exactly(Incidents, 1.0, "one incident, not four"),
        case(
            "half of four units at 30 % each",
            fixed_world().tier(pool("t", 4).capacity(30.0)).fails(
                "zone",
                OneZone("a"),
                fixed(10.0 * HOUR),
                fixed(HOUR),
            ),
        )
        .exactly(Lost, 0.4 * HOUR, "60 of 100 are served"),
        case(
            "a whole tier",
            fixed_world().tier(pool("t", 4)).fails("push", WholeTier("t", "r"), fixed(10.0 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, HOUR, "one outage"),
        case("everything", fixed_world().tier(pool("t", 4)).fails("all", Everything, fixed(10.0 * HOUR), fixed(HOUR)))
            .exactly(Lost, HOUR, "one outage"),
        // 10 to 12 h and 11 to 13 h: three hours in all, the middle one belongs to both.
        case(
            "two overlapping outages",
            fixed_world()
                .tier(pool("t", 2).within(&["a"]))
                .fails("unit", EachUnit("t"), fixed(10.0 * HOUR), fixed(2.0 * HOUR))
                .fails("zone", OneZone("a"), fixed(11.0 * HOUR), fixed(2.0 * HOUR)),
        )
        .exactly(Lost, 3.0 * HOUR, "10 h to 13 h")
        .exactly(Incidents, 1.0, "it is one incident")
        .exactly(OpenedBy("unit"), 1.0, "the unit was first")
        .exactly(LostTo("unit"), HOUR, "10 h to 11 h")
        .exactly(LostTo("unit + zone"), HOUR, "11 h to 12 h")
        .exactly(LostTo("zone"), HOUR, "12 h to 13 h"),
    ])
}

/// A mask ends and its units are back; a killed unit is replaced after the end, and new.
fn mask_and_kill() -> Vec<Case> {
    let outage = (fixed(10.0 * HOUR), fixed(HOUR));
    let place = |horizon: f64| world(horizon).region("r", &["a"]).tier(replaced_pool("t", 1, fixed(0.5 * HOUR)));
    let aging = |horizon: f64| place(horizon).fails("unit", EachUnit("t"), fixed(12.0 * HOUR), fixed(HOUR));
    table([
        case("a zone masks", place(20.0 * HOUR).fails("zone", OneZone("a"), outage.0.clone(), outage.1.clone()))
            .exactly(Lost, HOUR, "the outage"),
        case("a zone kills", place(20.0 * HOUR).kills("zone", OneZone("a"), outage.0.clone(), outage.1.clone()))
            .exactly(Lost, 1.5 * HOUR, "outage and replacement"),
        case("a region kills", place(20.0 * HOUR).kills("region", OneRegion("r"), outage.0.clone(), outage.1.clone()))
            .exactly(Lost, 1.5 * HOUR, "outage and replacement"),
        // Killed until 11 h, replaced at 11.5 h, under the mask of the region until 11.75 h.
        case(
            "replaced under a mask",
            place(20.0 * HOUR).kills("zone", OneZone("a"), outage.0.clone(), outage.1.clone()).fails(
                "region",
                OneRegion("r"),
                fixed(10.5 * HOUR),
                fixed(1.25 * HOUR),
            ),
        )
        .exactly(Lost, 1.75 * HOUR, "10 h to 11.75 h")
        .exactly(Incidents, 1.0, "without a gap"),
        // Without replacement it stays dead.
        case(
            "killed for ever",
            world(20.0 * HOUR).region("r", &["a"]).tier(pool("t", 1)).kills(
                "zone",
                OneZone("a"),
                outage.0.clone(),
                outage.1.clone(),
            ),
        )
        .exactly(Lost, 10.0 * HOUR, "to the end"),
        // The life of 12 h runs on under the mask (10 to 11 h): down at 12 h for an hour, and the zone again at 21 h.
        case(
            "a life runs on under a mask",
            aging(24.0 * HOUR).fails("zone", OneZone("a"), outage.0.clone(), outage.1.clone()),
        )
        .exactly(Lost, 3.0 * HOUR, "zone twice, unit once")
        .exactly(Incidents, 3.0, "apart"),
        // The unit that replaces it at 11.5 h is new: it would fail at 23.5 h, and the zone kills it at 21 h before (back at 22.5 h).
        case(
            "a replacement is new",
            aging(24.0 * HOUR).kills("zone", OneZone("a"), outage.0.clone(), outage.1.clone()),
        )
        .exactly(Lost, 3.0 * HOUR, "killed twice")
        .exactly(Incidents, 2.0, "its own life never ends"),
        // A repair that begins under the mask runs on: zone 10 to 11 h, unit 10.5 to 12.5 h.
        case(
            "a repair outlasts a mask",
            place(20.0 * HOUR).fails("zone", OneZone("a"), outage.0, outage.1).fails(
                "unit",
                EachUnit("t"),
                fixed(10.5 * HOUR),
                fixed(2.0 * HOUR),
            ),
        )
        .exactly(Lost, 2.5 * HOUR, "10 h to 12.5 h")
        .exactly(RecoveryMax, 2.5 * HOUR, "one incident"),
    ])
}

/// What exceeds the capacity of the units that are left is lost.
fn capacity() -> Vec<Case> {
    let lost = |n: u32, capacity: f64| {
        let served = |k: u32| binomial(n, k, 10.0 / 11.0) * f64::min(1.0, f64::from(k) * capacity / 100.0);
        1.0 - (0..=n).map(served).sum::<f64>()
    };
    let share = |n: u32, capacity: f64| {
        case(format!("{n} units at {capacity} % each"), units(pool("t", n).capacity(capacity)))
            .replications(1_500)
            .about(Unavailability, lost(n, capacity), "binomial, weighted by what is lost")
    };
    let three = || world(40.0 * HOUR).region("r", &["a", "b", "c"]);
    let headroom = |each: f64, lost: f64, name: &str| {
        case(
            name,
            three().tier(pool("t", 3).capacity(each)).fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, 3.0 * lost * HOUR, "three outages in 40 h")
    };
    table([
        share(3, 40.0),
        share(3, 50.0),
        share(4, 30.0).about(Downtime, 1.0 - binomial(4, 4, 10.0 / 11.0), "every unit is needed"),
        headroom(50.0, 0.0, "N-1 headroom: two of three carry all"),
        headroom(40.0, 0.2, "no headroom: two of three carry 80 %"),
        // Two units would carry everything, but three are required.
        case(
            "required units",
            three().tier(pool("t", 3).capacity(50.0).required(3)).fails(
                "zone",
                OneZone("a"),
                fixed(10.0 * HOUR),
                fixed(HOUR),
            ),
        )
        .exactly(Lost, 3.0 * HOUR, "nothing is served")
        .exactly(Recovery(0.5), HOUR, "the outage"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [independent_units(), crews(), common_causes(), mask_and_kill(), capacity()].concat()
}
