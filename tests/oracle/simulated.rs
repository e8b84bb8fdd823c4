//! Exact answers against the simulation.

use crate::design::Place::{
    ControlPlane, EachNode, EachRegion, EachUnit, EachZone, Everything, OneRegion, OneZone, Service, WholeTier,
};
use crate::design::{
    HOUR, MINUTE, World, all_of, any_of, balancer, checked_after, copies, copy, crewed_pool, database, exponential,
    fixed, gamma, group, k_of, lognormal, mixture, part, pool, quorum, replaced_pool, uniform, wearing, weighted,
    world, zonal_balancer,
};
use ridethrough::exact::answer;
use ridethrough::experiment::{Options, run, standard_error};
use ridethrough::law::Law;

/// One design for every mechanism that has an exact answer, with the number of histories it is simulated for.
fn simulated() -> Vec<(&'static str, World, u64)> {
    let steady = || world(600.0 * HOUR).warming_up(100.0 * HOUR);
    let zones = |it: World| it.region("r", &["a", "b"]);
    let seen = || checked_after(exponential(20.0 * MINUTE), exponential(30.0 * MINUTE));
    let unit = |it: World| it.fails("unit", EachUnit("t"), exponential(20.0 * HOUR), exponential(2.0 * HOUR));
    let outage = |it: World| it.fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR));
    let copied = |standby: crate::design::Copy| {
        zones(steady())
            .database(
                database("d", "a")
                    .noticed_after(exponential(0.5 * HOUR))
                    .rebuilt_in(exponential(2.0 * HOUR))
                    .standby(standby),
            )
            .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR))
    };
    let works = || copy("b").decided_in(exponential(0.2 * HOUR)).promoted_in(gamma(0.5 * HOUR, 2.0));
    let scaling = group("t", 2)
        .launching_in(exponential(0.3 * HOUR))
        .terminating_in(exponential(0.2 * HOUR))
        .booting_in(exponential(0.5 * HOUR))
        .failing_to_launch(0.3, exponential(0.4 * HOUR));
    let group_of = |tier: crate::design::TierPart| {
        world(600.0 * HOUR).warming_up(100.0 * HOUR).region("r", &["a"]).tier(tier).fails(
            "unit",
            EachUnit("t"),
            exponential(10.0 * HOUR),
            Law::Never,
        )
    };
    let blind = scaling.clone().seen_by_the_group_after(exponential(0.5 * HOUR));
    vec![
        (
            "soft and regional dependencies, any-of",
            steady()
                .region("r", &["a"])
                .soft_dependency("s", 0.3)
                .living_in("r")
                .dependency("x")
                .dependency("y")
                .requiring(all_of([part("s"), any_of([part("x"), part("y")])]))
                .fails("region", EachRegion, wearing(100.0 * HOUR), fixed(2.0 * HOUR))
                .fails("s", Service("s"), exponential(20.0 * HOUR), exponential(HOUR))
                .fails("x", Service("x"), gamma(10.0 * HOUR, 3.0), uniform(0.0, 4.0 * HOUR))
                .fails("y", Service("y"), exponential(10.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a database and a tier share a zone, and a mode of the tier",
            zones(steady())
                .tier(pool("t", 4).capacity(30.0))
                .database(database("d", "a"))
                .fails("all", Everything, exponential(200.0 * HOUR), exponential(HOUR))
                .fails("node", EachNode("d"), exponential(60.0 * HOUR), fixed(HOUR))
                .fails("push", WholeTier("t", "r"), exponential(90.0 * HOUR), exponential(HOUR))
                .fails("unit", EachUnit("t"), exponential(20.0 * HOUR), exponential(2.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "weighted regions whose answer never changes",
            steady()
                .region("e", &["a"])
                .region("w", &["b"])
                .dependency("x")
                .tier(pool("t", 2))
                .stack("e", &all_of([part("t"), part("x")]))
                .stack("w", &all_of([part("x"), part("t")]))
                .found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked())
                .fails("unit", EachUnit("t"), exponential(10.0 * HOUR), exponential(2.0 * HOUR))
                .fails("x", Service("x"), exponential(30.0 * HOUR), exponential(HOUR))
                .fails("zone", OneZone("a"), exponential(60.0 * HOUR), exponential(HOUR)),
            600,
        ),
        ("from new", unit(outage(zones(world(40.0 * HOUR)).tier(pool("t", 4).required(3)))), 4_000),
        ("crews", unit(outage(zones(steady()).tier(crewed_pool("t", 4, 1).required(3)))), 600),
        ("a group by its means", group_of(blind.clone()), 600),
        ("a load balancer", unit(zones(steady()).tier(pool("t", 3).behind(balancer(seen())))), 600),
        (
            "a load balancer, zones and a region",
            unit(outage(zones(steady()).tier(pool("t", 3).capacity(60.0).behind(balancer(seen()))))).fails(
                "region",
                EachRegion,
                exponential(70.0 * HOUR),
                exponential(3.0 * HOUR),
            ),
            600,
        ),
        (
            "a zonal load balancer",
            unit(outage(zones(steady()).tier(pool("t", 4).behind(zonal_balancer(seen(), 0.0))))),
            600,
        ),
        (
            "killed and replaced",
            unit(zones(steady()).tier(replaced_pool("t", 3, exponential(3.0 * HOUR)).required(2))).kills(
                "zone",
                EachZone,
                exponential(40.0 * HOUR),
                exponential(2.0 * HOUR),
            ),
            600,
        ),
        (
            "a group, its control plane and its region",
            group_of(blind)
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR))
                .fails("region", EachRegion, exponential(60.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a group that believes its load balancer",
            group_of(scaling.clone().believing_the_balancer(0.0).behind(balancer(seen()))).fails(
                "zone",
                EachZone,
                exponential(60.0 * HOUR),
                exponential(3.0 * HOUR),
            ),
            600,
        ),
        (
            "a group over two zones, one of which fails",
            zones(steady())
                .tier(
                    group("t", 2)
                        .launching_in(exponential(HOUR))
                        .booting_in(fixed(0.0))
                        .seen_by_the_group_after(exponential(0.5 * HOUR))
                        .capacity(60.0),
                )
                .fails("unit", EachUnit("t"), exponential(15.0 * HOUR), Law::Never)
                .fails("zone", OneZone("b"), exponential(20.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "a group of two, which is made level",
            zones(steady())
                .tier(
                    group("t", 2)
                        .launching_in(exponential(2.0 * HOUR))
                        .booting_in(fixed(0.0))
                        .seen_by_the_group_after(exponential(0.5 * HOUR))
                        .capacity(60.0),
                )
                .fails("zone", OneZone("a"), exponential(10.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "a group of one behind a zonal load balancer",
            zones(steady())
                .tier(
                    group("t", 1)
                        .launching_in(exponential(HOUR))
                        .booting_in(fixed(0.0))
                        .failing_to_launch(0.3, exponential(HOUR))
                        .believing_the_balancer(0.0)
                        .behind(zonal_balancer(checked_after(exponential(20.0 * MINUTE), fixed(0.0)), 0.0)),
                )
                .fails("unit", EachUnit("t"), exponential(30.0 * HOUR), Law::Never)
                .fails("zone", EachZone, exponential(20.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "a group that dies of three things, in zones that do not fail",
            world(600.0 * HOUR)
                .warming_up(100.0 * HOUR)
                .region("r", &["a", "b", "c"])
                .tier(scaling.clone().believing_the_balancer(0.0).capacity(60.0).behind(balancer(seen())))
                .fails("machine", EachUnit("t"), exponential(30.0 * HOUR), Law::Never)
                .crashes("crash", EachUnit("t"), exponential(20.0 * HOUR), Law::Never)
                .hangs("hang", EachUnit("t"), exponential(40.0 * HOUR), Law::Never)
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR)),
            600,
        ),
        ("a standby", copied(works()), 600),
        (
            "a standby with coverage, zones and a control plane",
            copied(works().covered(0.7, mixture([(0.5, exponential(HOUR)), (0.5, exponential(4.0 * HOUR))])))
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "a replica with failback",
            zones(steady())
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .replica(works().failing_back_after(exponential(6.0 * HOUR))),
                )
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "a standby that is read",
            zones(steady())
                .tier(pool("t", 2).capacity(60.0))
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .standby(works().covered(0.7, exponential(4.0 * HOUR)))
                        .reads_survive(),
                )
                .requiring(all_of([part("t"), part("d")]))
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR))
                .fails("unit", EachUnit("t"), exponential(60.0 * HOUR), exponential(3.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "two standbys, killed and restored",
            steady()
                .region("e", &["a", "b", "c"])
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .standby(copy("b").promoted_in(exponential(0.5 * HOUR)))
                        .second_standby("c")
                        .backup(HOUR, exponential(HOUR), exponential(5.0 * HOUR)),
                )
                .stack("e", &part("d"))
                .fails("node", EachNode("d"), exponential(40.0 * HOUR), exponential(5.0 * HOUR))
                .kills("zone", OneZone("b"), exponential(40.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a pair that loses its data and is restored",
            zones(steady())
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(4.0 * HOUR))
                        .standby(copy("b").promoted_in(exponential(HOUR)).covered(0.8, exponential(3.0 * HOUR)))
                        .backup(HOUR, exponential(HOUR), exponential(3.0 * HOUR)),
                )
                .kills("disk", EachNode("d"), exponential(15.0 * HOUR), exponential(HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "storage that outlives nodes, a standby that is read, and a replica",
            steady()
                .region("e", &["a", "b"])
                .region("w", &["x"])
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.2 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .standby(copy("b").promoted_in(exponential(0.5 * HOUR)))
                        .replica(copy("x").promoted_in(exponential(HOUR)))
                        .stored(exponential(HOUR), exponential(3.0 * HOUR))
                        .reads_survive(),
                )
                .stack("w", &part("d"))
                .kills("node", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
                .fails("zone", EachZone, exponential(40.0 * HOUR), exponential(4.0 * HOUR))
                .fails("region", OneRegion("e"), exponential(90.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "equal nodes in zones of two regions",
            steady()
                .region("e", &["a", "b"])
                .region("w", &["c"])
                .database(quorum("d", &["a", "b", "c", "a", "b"], 2, 3))
                .stack("e", &part("d"))
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), lognormal(5.0 * HOUR, 1.0))
                .fails("region", EachRegion, exponential(90.0 * HOUR), fixed(2.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "equal nodes that lose their data",
            zones(steady())
                .database(quorum("d", &["a", "a", "b"], 1, 2).rebuilt_in(exponential(3.0 * HOUR)).backup(
                    HOUR,
                    exponential(2.0 * HOUR),
                    gamma(4.0 * HOUR, 2.0),
                ))
                .fails("node", EachNode("d"), exponential(40.0 * HOUR), exponential(2.0 * HOUR))
                .kills("disk", EachNode("d"), exponential(20.0 * HOUR), exponential(HOUR))
                .kills("zone", EachZone, exponential(60.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "copies in three regions",
            steady()
                .region("e", &["a"])
                .region("s", &["b"])
                .region("w", &["c"])
                .database(copies("d", &["e", "s", "w"], 1, 2))
                .stack("e", &part("d"))
                .stack("w", &part("d"))
                .found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked())
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(3.0 * HOUR))
                .fails("region", EachRegion, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "either of two databases that read and write unlike",
            zones(steady())
                .database(quorum("d", &["a", "a", "b"], 1, 3))
                .database(quorum("e", &["b", "b", "a"], 3, 1))
                .requiring(any_of([part("d"), part("e")]))
                .fails("d", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
                .fails("e", EachNode("e"), exponential(10.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "the better of two databases that read and write unlike",
            zones(steady())
                .database(quorum("d", &["a", "a", "b"], 1, 3))
                .database(quorum("e", &["b", "b", "a"], 3, 1))
                .database(quorum("f", &["b", "b", "a"], 2, 2))
                .requiring(k_of(2, [part("d"), part("e"), part("f")]))
                .fails("d", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
                .fails("e", EachNode("e"), exponential(10.0 * HOUR), exponential(5.0 * HOUR))
                .fails("f", EachNode("f"), exponential(10.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "spares of zones that fail",
            unit(outage(zones(steady()).tier(pool("t", 3).required(2).spared(2, 0.4, exponential(HOUR), 0.8)))),
            600,
        ),
        (
            "spares, one crew and an old spare",
            steady()
                .region("r", &["a"])
                .tier(crewed_pool("t", 2, 1).required(2).spared(2, 0.5, exponential(HOUR), 0.7))
                .fails("unit", EachUnit("t"), gamma(10.0 * HOUR, 2.0), exponential(2.0 * HOUR)),
            600,
        ),
        (
            "spares that are killed",
            unit(steady().region("r", &["a"]).tier(replaced_pool("t", 2, exponential(5.0 * HOUR)).required(2).spared(
                1,
                0.0,
                gamma(HOUR, 2.0),
                0.9,
            )))
            .kills("zone", EachZone, exponential(40.0 * HOUR), exponential(2.0 * HOUR)),
            600,
        ),
        (
            "spares behind a load balancer",
            unit(outage(
                zones(steady())
                    .tier(pool("t", 2).spared(1, 0.2, exponential(0.5 * HOUR), 1.0).behind(balancer(seen()))),
            )),
            600,
        ),
    ]
}

/// The simulation is within 4.2 standard errors of the exact value: beyond lies 2.7e-5 of the normal law, for each of 96 comparisons.
#[test]
fn the_simulation_agrees() {
    let mut wrong = Vec::new();
    for (name, world, replications) in simulated() {
        let design = world.build();
        let exact = answer(&design).unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}"));
        let expected = exact.from_new.unwrap_or(exact.stationary);
        let options = Options { seed: 20_261_124, replications, ..Options::default() };
        let study = run(std::slice::from_ref(&design), &options).expect("a design that can be simulated");
        let seen = &study.architectures[0];
        for (metric, estimate, exact) in [
            ("request", seen.unavailability_request, expected.unavailability_request),
            ("time", seen.unavailability_time, expected.unavailability_time),
            ("incidents", seen.incidents_per_year, expected.incidents_per_year),
        ] {
            let z = (estimate.estimate - exact) / standard_error(&estimate, replications);
            println!("{name:<52} {metric:<10} {exact:<12.6e} {:<12.6e} z {z:+.2}", estimate.estimate);
            if z.is_nan() || z.abs() > 4.2 {
                wrong.push(format!("{name}: {metric} {exact:e} but {:e}, z {z:+.2}", estimate.estimate));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
