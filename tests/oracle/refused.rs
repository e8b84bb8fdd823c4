//! Mechanisms without an exact answer are refused by key, and what costs no request changes no answer.

use crate::design::Place::{ControlPlane, EachNode, EachRegion, EachUnit, Everything, OneZone, Service};
use crate::design::{
    DAY, DatabasePart, HOUR, Name, TierPart, World, YEAR, balancer, broken, checked_after, copies, copy, daily,
    database, erring, exponential, failover, fixed, group, nearest, never, part, people, pool, quorum, replaced_pool,
    rollout, share, shifted, standby, straining, world,
};
use ridethrough::exact::{answer, simpler};
use ridethrough::law::Law;
use ridethrough::model::{Breaker, Client, Dependency, LoadBalancer, Overload, Retry, Trip, Upkeep, ZonalShift};
use ridethrough::units::{Fraction, Rate, Seconds};

fn day() -> Law {
    exponential(DAY)
}

fn hour() -> Law {
    exponential(HOUR)
}

fn steady() -> World {
    world(YEAR).region("r", &["a", "b", "c"])
}

fn tier(tier: TierPart) -> World {
    steady().tier(tier).fails("f", EachUnit("t"), day(), hour())
}

fn behind(balancer: LoadBalancer) -> World {
    tier(pool("t", 2).behind(balancer))
}

fn plain_balancer() -> LoadBalancer {
    balancer(checked_after(hour(), hour()))
}

fn scaled(group: TierPart) -> World {
    let group = group.launching_in(hour()).booting_in(hour()).seen_by_the_group_after(hour());
    steady().tier(group).fails("f", EachUnit("t"), day(), never())
}

fn data(database: DatabasePart) -> World {
    steady().database(database).fails("f", EachNode("d"), day(), hour())
}

fn killed(database: DatabasePart) -> World {
    steady().database(database.rebuilt_in(hour())).kills("f", EachNode("d"), day(), hour())
}

fn works() -> crate::design::Copy {
    copy("b").decided_in(hour()).promoted_in(hour())
}

fn pair(copy: crate::design::Copy) -> DatabasePart {
    database("d", "a").noticed_after(hour()).rebuilt_in(hour()).standby(copy)
}

fn service(before: impl FnOnce(&mut Dependency)) -> World {
    steady().dependency("x").called(before).fails("f", Service("x"), day(), hour())
}

fn named(name: Name) -> World {
    let regions = world(YEAR).region("e", &["a"]).region("w", &["b"]).tier(pool("t", 1));
    let regions = regions.stack("e", &part("t")).stack("w", &part("t")).found_by(name);
    regions.fails("f", EachRegion, day(), hour())
}

fn name() -> Name {
    failover(["e", "w"], 60.0)
}

/// A design with a mechanism, the key that has to be named, and the same design without it, which has an answer.
fn rows() -> Vec<(&'static str, World, World)> {
    let checks = || checked_after(hour(), hour());
    let breaker = Breaker {
        trip: Trip::Consecutive(5),
        reset_timeout: Seconds(30.0),
        half_open: 1,
        fallback: Fraction::ZERO,
        callers: 1,
    };
    let shift =
        ZonalShift { detection: fixed(300.0), decision: fixed(60.0), duration: never(), return_after: fixed(0.0) };
    let overload = Overload { capacity: Rate(150.0), goodput: Fraction::ZERO, intervention: hour() };
    let unit = || tier(pool("t", 2));
    let node = || data(database("d", "a"));
    let copied = || data(pair(works()));
    let call = || service(|_| ());
    let still = || named(name().unchecked());
    let office = daily(8.0 * HOUR, 18.0 * HOUR);
    vec![
        ("change.push", unit().changed(rollout("push", Everything).undone(hour(), hour())), unit()),
        ("maintenance.window", unit().maintained_every(7.0 * DAY, Everything, DAY, HOUR, false), unit()),
        ("maintenance.window", unit().maintained(ControlPlane("r"), DAY, HOUR), unit()),
        ("demand.profile", unit().busier(office, 2.0), unit()),
        ("failure.g.symptom", unit().dims("g", EachUnit("t"), 0.3, false, day(), hour()), unit()),
        ("failure.g.symptom", unit().dims("g", EachUnit("t"), 1.0, true, day(), hour()), unit()),
        ("failure.g.symptom", unit().dims("g", EachUnit("t"), 0.3, false, day(), hour()).partly(0.3), unit()),
        (
            "tier.t.pool.spares",
            tier(pool("t", 2).spared(1, 0.0, hour(), 1.0)).fails("g", EachUnit("t"), day(), hour()),
            tier(pool("t", 2).spared(1, 0.0, hour(), 1.0)),
        ),
        (
            "tier.t.pool.spares",
            tier(replaced_pool("t", 2, hour()).spared(1, 0.0, hour(), 1.0)).kills("g", OneZone("b"), day(), hour()),
            tier(replaced_pool("t", 2, hour()).spared(1, 0.0, hour(), 1.0)).fails("g", OneZone("b"), day(), hour()),
        ),
        (
            "tier.t.auto_scaling",
            scaled(group("t", 2)).kills("z", EachRegion, day(), hour()),
            scaled(group("t", 2)).fails("z", EachRegion, day(), hour()),
        ),
        (
            "tier.t.load_balancer.false_positive",
            behind(LoadBalancer { check: erring(checks(), 0.01), ..plain_balancer() }),
            behind(plain_balancer()),
        ),
        ("tier.t.load_balancer.overload", behind(straining(plain_balancer(), 1.0)), behind(plain_balancer())),
        ("tier.t.load_balancer.zonal_shift", behind(shifted(plain_balancer(), shift)), behind(plain_balancer())),
        ("failure.bug.effect", node().corrupts("bug", EachNode("d"), day(), hour()), node()),
        (
            "database.d.backup.decision",
            killed(quorum("d", &["a", "b"], 1, 1).backup(HOUR, people(hour()), hour())),
            killed(quorum("d", &["a", "b"], 1, 1).backup(HOUR, hour(), hour())),
        ),
        (
            "failure.g.effect",
            data(database("d", "a").stored(hour(), hour())).kills("g", EachRegion, day(), hour()),
            data(database("d", "a").stored(hour(), hour())).fails("g", EachRegion, day(), hour()),
        ),
        ("database.d.standby.decision", data(pair(works().decided_by(people(hour())))), copied()),
        ("database.d.standby.broken", data(pair(works().breaking(broken(YEAR, None, hour())))), copied()),
        ("failure.f.error", call().partly(0.5), call()),
        ("dependency.x.breaker", service(|it| it.breaker = Some(breaker)), call()),
        ("dependency.x.retry", service(|it| it.retry = Retry { attempts: 2, waits: vec![Seconds(1.0)] }), call()),
        ("dependency.x.overload", service(|it| it.overload = Some(overload)), call()),
        ("dependency.x.client", service(|it| it.client = Client { pool: Some(100), ..Client::default() }), call()),
        ("dependency.x.client", service(|it| it.client.share = share(0.5)), call()),
        ("standby", named(name().unchecked().standing_by("w", standby(0.1, hour()))), still()),
        ("dns.health_check", named(name()), still()),
        ("dns.health_check", named(name().seen_by(15, 0.18)), still()),
        ("dns.health_check", named(name().decided_by(people(hour()))), still()),
        ("dns.health_check", named(name().risking(0.1, hour())), still()),
        ("dns.health_check", named(nearest([(0.6, &["e", "w"]), (0.4, &["w", "e"])], 60.0)), still()),
    ]
}

fn keys(design: &ridethrough::model::Design) -> Vec<String> {
    answer(design).expect_err("no exact answer").into_iter().map(|obstacle| obstacle.key).collect()
}

/// Exactly the mechanism that was added is named, and a simpler variant does not pass it over.
#[test]
fn what_it_does_not_model() {
    for (key, with, without) in rows() {
        assert!(answer(&without.build()).is_ok(), "{key} is the only thing in the way");
        let design = with.build();
        assert_eq!(keys(&design), [key]);
        let still = simpler(&design).expect_err("it still stands in the way");
        assert_eq!(still.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), [key]);
        assert!(still.iter().all(|it| !it.reason.is_empty()));
    }
}

#[test]
fn a_group_whose_own_check_errs() {
    let mut design = scaled(group("t", 2)).build();
    assert!(answer(&design).is_ok());
    let Upkeep::AutoScaling(it) = &mut design.tiers[0].upkeep else { panic!("a group") };
    it.status_check.false_positive = share(0.01);
    assert_eq!(keys(&design), ["tier.t.auto_scaling.status_check.false_positive"]);
}

/// Sessions, backups that nothing makes use of, service hours, the lag of a copy, nodes of a single database that also reads.
#[test]
fn what_costs_no_request() {
    let unit = || tier(pool("t", 2));
    let node = || database("d", "a");
    let rows = [
        (unit().sessions_in("t", 1_000.0), unit()),
        (service(|_| ()).sessions_stored_in("x", 0, 1_000.0), service(|_| ())),
        (unit().judged_in(daily(8.0 * HOUR, 18.0 * HOUR)).wanting(0.99), unit()),
        (data(node().backup(HOUR, hour(), hour()).kept_for(DAY)), data(node())),
        (data(node().reads_survive()), data(node())),
        (data(pair(works().lagging(hour()))), data(pair(works()))),
        (data(copies("d", &["r"], 1, 1).sending_after(hour(), 0.1)), data(copies("d", &["r"], 1, 1))),
    ];
    for (with, without) in rows {
        let (with, without) = (answer(&with.build()).expect("an answer"), answer(&without.build()).expect("an answer"));
        assert_eq!((with.stationary, with.from_new), (without.stationary, without.from_new));
        assert!(with.stationary.unavailability_request > 0.0);
    }
}
