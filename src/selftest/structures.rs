//! What a request needs: all, any, some of independent parts.

use super::answers::expected;
use super::check::Metric::{Lost, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{EachUnit, OneRegion, Service};
use super::design::{
    HOUR, Needs, World, all_of, any_of, exponential, fixed, k_of, lognormal, part, pool, uniform, world,
};

/// Independent services x, y and z that work 0.9, 0.8 and 0.7 of the time, and two soft ones, s and u, that work half and 0.6 of it and cost
/// 0.3 and 0.5 of the requests while they do not.
fn services() -> World {
    world(400.0 * HOUR)
        .warming_up(100.0 * HOUR)
        .region("r", &["a"])
        .soft_dependency("s", 0.3)
        .soft_dependency("u", 0.5)
        .dependency("x")
        .dependency("y")
        .dependency("z")
        .fails("x", Service("x"), exponential(9.0 * HOUR), exponential(HOUR))
        .fails("y", Service("y"), exponential(8.0 * HOUR), uniform(HOUR, 3.0 * HOUR))
        .fails("z", Service("z"), exponential(7.0 * HOUR), lognormal(3.0 * HOUR, 0.7))
        .fails("s", Service("s"), exponential(5.0 * HOUR), exponential(5.0 * HOUR))
        .fails("u", Service("u"), uniform(0.0, 6.0 * HOUR), exponential(2.0 * HOUR))
}

/// Every structure is judged by summing over the 32 states of its parts.
fn independent_parts() -> Vec<Case> {
    let working = [0.5, 0.6, 0.9, 0.8, 0.7];
    type Served = fn([f64; 5]) -> f64;
    let structures: [(&str, Needs, Served); 9] = [
        ("x and y", all_of([part("x"), part("y")]), |[_, _, x, y, _]| x * y),
        ("soft s", part("s"), |[s, ..]| s),
        ("x and both soft", all_of([part("s"), part("x"), part("u")]), |[s, u, x, _, _]| s * u * x),
        ("x or y", any_of([part("x"), part("y")]), |[_, _, x, y, _]| x.max(y)),
        // What s fails is tried on u, and then on x.
        ("s or u or x", any_of([part("s"), part("u"), part("x")]), |[s, u, x, _, _]| {
            1.0 - (1.0 - s) * (1.0 - u) * (1.0 - x)
        }),
        ("2 of x y z", k_of(2, [part("x"), part("y"), part("z")]), |[_, _, x, y, z]| {
            f64::from(u8::from(x + y + z >= 2.0))
        }),
        // As good as the second best.
        ("2 of s u x", k_of(2, [part("s"), part("u"), part("x")]), |[s, u, x, _, _]| {
            let mut served = [s, u, x];
            served.sort_by(f64::total_cmp);
            served[1]
        }),
        (
            "z and (x and y, or s)",
            all_of([part("z"), any_of([all_of([part("x"), part("y")]), part("s")])]),
            |[s, _, x, y, z]| z * (1.0 - (1.0 - x * y) * (1.0 - s)),
        ),
        (
            "2 of (x or y), (z and u), s",
            k_of(2, [any_of([part("x"), part("y")]), all_of([part("z"), part("u")]), part("s")]),
            |[s, u, x, y, z]| {
                let mut served = [x.max(y), z * u, s];
                served.sort_by(f64::total_cmp);
                served[1]
            },
        ),
    ];
    table(structures.into_iter().map(|(name, needs, served)| {
        let up = expected(working, |works| {
            let floor = [0.7, 0.5, 0.0, 0.0, 0.0];
            served(std::array::from_fn(|i| if works[i] { 1.0 } else { floor[i] }))
        });
        case(name, services().requiring(needs)).replications(600).about(
            Unavailability,
            1.0 - up,
            "sum over the states of the parts",
        )
    }))
}

fn certain_structures() -> Vec<Case> {
    let outage = (fixed(10.0 * HOUR), fixed(HOUR));
    let soft = world(20.0 * HOUR).region("r", &["a"]).soft_dependency("s", 0.4).fails(
        "s",
        Service("s"),
        outage.0.clone(),
        outage.1.clone(),
    );
    let regional = world(20.0 * HOUR).region("r", &["a"]).dependency("d").living_in("r").fails(
        "r",
        OneRegion("r"),
        outage.0.clone(),
        outage.1.clone(),
    );
    let elsewhere = world(20.0 * HOUR)
        .region("here", &["a"])
        .region("there", &["b"])
        .dependency("d")
        .living_in("there")
        .stack("here", &part("d"))
        .fails("r", OneRegion("there"), outage.0.clone(), outage.1.clone());
    // The tier fails at 10 h, what it can fall back on at 10.5 h: half an hour is lost to both.
    let fallback = world(20.0 * HOUR)
        .region("r", &["a"])
        .tier(pool("t", 1))
        .dependency("d")
        .requiring(any_of([part("t"), part("d")]))
        .fails("t", EachUnit("t"), outage.0, outage.1.clone())
        .fails("d", Service("d"), fixed(10.5 * HOUR), outage.1);
    table([
        case("a soft dependency", soft).exactly(Lost, 0.4 * HOUR, "its cost"),
        case("a dependency dies with its region", regional).exactly(Lost, HOUR, "the outage"),
        case("a dependency in another region", elsewhere).exactly(Lost, HOUR, "the outage there"),
        case("a fallback for half of the outage", fallback).exactly(Lost, 0.5 * HOUR, "10.5 h to 11 h"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [independent_parts(), certain_structures()].concat()
}
