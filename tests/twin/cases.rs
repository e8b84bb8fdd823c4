//! Small designs, built in code: the list on which twin and engine are compared.

use crate::designs::{
    Adjust, Build, backup, balancer, check, check_by_law, cohort, copy, database, exp, fixed, fraction, lognormal,
    name, pool, scaled, uniform, world,
};
use ridethrough::law::Law;
use ridethrough::model::{
    CheckType, Database, Decision, Design, Dns, Effect, Failback, HealthCheck, LoadBalancer, Need, OnCall, Population,
    Record, RegionId, Replica, Retry, Scope, Stale, Symptom, WorkingHours, ZoneId,
};
use ridethrough::units::Seconds;

/// All of them.
pub fn all() -> Vec<Design> {
    let mut all = pools();
    all.extend(balancers());
    all.extend(groups());
    all.extend(structures());
    all.extend(databases());
    all.extend(names());
    all.extend(exact());
    all
}

fn kill(design: Design) -> Design {
    design.with_mode(|mode| mode.effect = Effect::Kill)
}

fn symptom(design: Design, symptom: Symptom) -> Design {
    design.with_mode(|mode| mode.symptom = symptom)
}

fn pools() -> Vec<Design> {
    vec![
        world("one unit", &[1], 10_000.0)
            .tier(pool("t", &[0], 1))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(1_000.0), exp(200.0))
            .done(),
        world("three of five, one crew, two modes", &[1], 10_000.0)
            .tier(pool("t", &[0], 5).needs(3, None).kept_by(Some(1), Law::Never))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(3_000.0), lognormal(150.0, 1.0))
            .fails("g", Scope::Unit(0), exp(2_000.0), uniform(50.0, 250.0))
            .done(),
        world("capacity without a balancer, two crews", &[2], 10_000.0)
            .tier(pool("t", &[0, 1], 4).needs(2, Some(30.0)).kept_by(Some(2), Law::Never))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(1_500.0), exp(300.0))
            .fails("z", Scope::Zones(vec![0, 1]), exp(6_000.0), exp(400.0))
            .done(),
        // Zone outages while units are down: the repair runs on behind the mask.
        world("mask over repairs that run on", &[3], 10_000.0)
            .tier(pool("t", &[0, 1, 2], 4).needs(3, None))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(2_000.0), fixed(300.0))
            .fails("z", Scope::Zones(vec![0, 1, 2]), exp(5_000.0), uniform(100.0, 600.0))
            .done(),
        kill(
            world("killed and replaced", &[2], 10_000.0)
                .tier(pool("t", &[0, 1], 4).needs(3, None).kept_by(None, exp(250.0)))
                .stack(0, Need::Tier(0))
                .fails("f", Scope::Unit(0), exp(4_000.0), exp(200.0))
                .fails("r", Scope::Regions(vec![0]), exp(20_000.0), exp(100.0))
                .fails("z", Scope::Zones(vec![0, 1]), exp(3_000.0), exp(200.0)),
        )
        .done(),
        kill(
            world("killed in the crews' line", &[2], 10_000.0)
                .tier(pool("t", &[0, 1], 4).needs(2, None).kept_by(Some(1), uniform(50.0, 300.0)))
                .stack(0, Need::Tier(0))
                .fails("f", Scope::Unit(0), exp(1_200.0), exp(300.0))
                .fails("z", Scope::Zones(vec![0, 1]), exp(2_500.0), exp(150.0)),
        )
        .done(),
    ]
}

fn balancers() -> Vec<Design> {
    let flapping =
        || world("", &[1], 10_000.0).stack(0, Need::Tier(0)).fails("f", Scope::Unit(0), exp(300.0), uniform(5.0, 60.0));
    let three_zones = |name: &str, change: &dyn Fn(&mut LoadBalancer), units, capacity| {
        let mut behind = balancer(check());
        change(&mut behind);
        world(name, &[3], 8_000.0)
            .tier(pool("t", &[0, 1, 2], units).balanced(behind).needs(1, capacity))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(2_000.0), exp(200.0))
            .fails("z", Scope::Zones(vec![0, 1, 2]), exp(2_500.0), uniform(5.0, 400.0))
            .done()
    };
    vec![
        symptom(
            symptom(
                world("crash and hang, deep", &[1], 8_000.0)
                    .tier(pool("t", &[0], 3).balanced(balancer(check())))
                    .stack(0, Need::Tier(0))
                    .fails("c", Scope::Unit(0), exp(1_500.0), exp(200.0)),
                Symptom::Crash,
            )
            .fails("h", Scope::Unit(0), exp(1_500.0), exp(100.0)),
            Symptom::Hang,
        )
        .done(),
        world("two zones of three, clients stay", &[3], 4_000.0)
            .tier(
                pool("t", &[0, 1, 2], 6)
                    .balanced(LoadBalancer {
                        zone_ttl: Seconds(60.0),
                        ..balancer(check_by_law(fixed(30.0), fixed(50.0)))
                    })
                    .needs(1, Some(30.0)),
            )
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0]), fixed(310.0), fixed(220.0))
            .fails("b", Scope::Zones(vec![1]), fixed(370.0), fixed(170.0))
            .done(),
        world("the same without cross-zone", &[3], 4_000.0)
            .tier(
                pool("t", &[0, 1, 2], 6)
                    .balanced(LoadBalancer {
                        zone_ttl: Seconds(60.0),
                        cross_zone: false,
                        ..balancer(check_by_law(fixed(30.0), fixed(50.0)))
                    })
                    .needs(1, Some(30.0)),
            )
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0]), fixed(310.0), fixed(220.0))
            .fails("b", Scope::Zones(vec![1]), fixed(370.0), fixed(170.0))
            .done(),
        symptom(
            world("a hang that a shallow check does not see", &[1], 8_000.0)
                .tier(pool("t", &[0], 3).balanced(balancer(HealthCheck { deep: false, ..check() })))
                .stack(0, Need::Tier(0))
                .fails("c", Scope::Unit(0), exp(1_500.0), exp(150.0))
                .fails("h", Scope::Unit(0), exp(1_500.0), exp(100.0)),
            Symptom::Hang,
        )
        .done(),
        flapping()
            .with(|it| it.name = "restored before or after detection, slow return".to_owned())
            .tier(pool("t", &[0], 4).balanced(balancer(HealthCheck { healthy_threshold: 8, ..check() })))
            .done(),
        flapping()
            .with(|it| it.name = "detection and return by law".to_owned())
            .tier(pool("t", &[0], 4).balanced(balancer(check_by_law(exp(20.0), exp(60.0)))).needs(2, Some(40.0)))
            .done(),
        flapping()
            .with(|it| it.name = "fail open".to_owned())
            .tier(pool("t", &[0], 2).balanced(balancer(HealthCheck {
                healthy_threshold: 10,
                unhealthy_threshold: 1,
                ..check()
            })))
            .done(),
        three_zones("cross-zone on", &|_| {}, 6, None),
        three_zones("cross-zone on, clients stay a while, capacity", &|it| it.zone_ttl = Seconds(60.0), 6, Some(25.0)),
        three_zones("cross-zone off", &|it| it.cross_zone = false, 5, None),
        three_zones(
            "cross-zone off, clients stay a while, capacity",
            &|it| {
                it.cross_zone = false;
                it.zone_ttl = Seconds(40.0);
            },
            5,
            Some(30.0),
        ),
        three_zones(
            "cross-zone off, one unit a zone",
            &|it| {
                it.cross_zone = false;
                it.zone_ttl = Seconds(40.0);
            },
            3,
            None,
        ),
        world("a region outage freezes the view", &[2], 10_000.0)
            .tier(pool("t", &[0, 1], 4).balanced(balancer(HealthCheck { interval: Seconds(30.0), ..check() })))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(800.0), exp(200.0))
            .fails("r", Scope::Regions(vec![0]), exp(700.0), exp(100.0))
            .done(),
        kill(
            world("killed, replaced and found again", &[2], 10_000.0)
                .tier(pool("t", &[0, 1], 4).kept_by(None, uniform(5.0, 100.0)).balanced(balancer(check())))
                .stack(0, Need::Tier(0))
                .fails("z", Scope::Zones(vec![0, 1]), exp(1_200.0), uniform(1.0, 80.0)),
        )
        .done(),
        world("a bad deployment", &[2], 10_000.0)
            .tier(pool("t", &[0, 1], 4).balanced(balancer(check())))
            .stack(0, Need::Tier(0))
            .fails("d", Scope::Tier(0, 0), exp(2_000.0), exp(100.0))
            .fails("f", Scope::Unit(0), exp(1_500.0), exp(100.0))
            .done(),
    ]
}

fn groups() -> Vec<Design> {
    let elb = |name: &str, zones: usize, units: u32, horizon: f64| {
        let places: Vec<usize> = (0..zones).collect();
        let tier = scaled("t", &places, units, CheckType::Elb);
        (world(name, &[zones], horizon).stack(0, Need::Tier(0)), tier)
    };
    let mut all = Vec::new();
    let (design, tier) = elb("units replaced", 2, 4, 8_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| {
                it.terminate = uniform(0.0, 30.0);
                it.launch = exp(40.0);
                it.boot = uniform(20.0, 60.0);
            }))
            .fails("f", Scope::Unit(0), exp(1_500.0), Law::Never)
            .done(),
    );
    let (design, tier) = elb("boot near grace", 1, 2, 8_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| it.boot = lognormal(120.0, 0.3)))
            .fails("f", Scope::Unit(0), exp(1_500.0), Law::Never)
            .done(),
    );
    let (design, tier) = elb("boot beyond grace", 1, 3, 6_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| it.boot = fixed(131.0)))
            .fails("f", Scope::Unit(0), exp(1_500.0), Law::Never)
            .done(),
    );
    let (design, tier) = elb("failing within grace, restored before the verdict", 1, 3, 8_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| it.grace = Seconds(400.0)))
            .fails("f", Scope::Unit(0), exp(400.0), uniform(20.0, 400.0))
            .done(),
    );
    let (design, tier) = elb("failing within grace, never restored", 1, 3, 8_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| it.grace = Seconds(400.0)))
            .fails("f", Scope::Unit(0), exp(500.0), Law::Never)
            .done(),
    );
    let (design, tier) = elb("launches fail, one zone", 1, 2, 8_000.0);
    all.push(
        design
            .tier(tier.scaling(|it| {
                it.launch_failure = fraction(0.5);
                it.retry = exp(60.0);
            }))
            .fails("f", Scope::Unit(0), exp(900.0), Law::Never)
            .done(),
    );
    let (design, tier) = elb("zone outage, launches fail, no control plane", 3, 6, 8_000.0);
    all.push(
        design
            .tier(
                tier.scaling(|it| {
                    it.launch_failure = fraction(0.3);
                    it.launch = uniform(10.0, 60.0);
                })
                .needs(2, Some(22.0)),
            )
            .fails("c", Scope::ControlPlanes(vec![0]), exp(800.0), exp(300.0))
            .fails("g", Scope::GlobalControlPlane, exp(3_000.0), exp(200.0))
            .fails("u", Scope::Unit(0), exp(3_000.0), Law::Never)
            .fails("z", Scope::Zones(vec![0, 1, 2]), exp(2_500.0), exp(300.0))
            .done(),
    );
    let (design, tier) = elb("levelled without cross-zone", 2, 4, 8_000.0);
    let mut tier = tier.needs(1, Some(30.0));
    if let Some(behind) = &mut tier.load_balancer {
        behind.cross_zone = false;
        behind.zone_ttl = Seconds(20.0);
    }
    all.push(design.tier(tier).fails("z", Scope::Zones(vec![0, 1]), exp(1_500.0), exp(200.0)).done());
    let (design, tier) = elb("zones killed", 2, 4, 8_000.0);
    all.push(
        kill(design.tier(tier.needs(1, Some(30.0))).fails("u", Scope::Unit(0), exp(3_000.0), Law::Never).fails(
            "z",
            Scope::Zones(vec![0, 1]),
            exp(1_500.0),
            uniform(5.0, 200.0),
        ))
        .done(),
    );
    let (design, tier) = elb("regions masked and killed", 2, 4, 8_000.0);
    all.push(
        kill(
            design
                .tier(tier)
                .fails("m", Scope::Regions(vec![0]), exp(1_000.0), exp(60.0))
                .fails("u", Scope::Unit(0), exp(1_000.0), Law::Never)
                .fails("v", Scope::Regions(vec![0]), exp(2_500.0), exp(60.0)),
        )
        .done(),
    );
    all.push(
        symptom(
            world("ec2 does not see a crash", &[2], 8_000.0)
                .tier(scaled("t", &[0, 1], 3, CheckType::Ec2))
                .stack(0, Need::Tier(0))
                .fails("i", Scope::Unit(0), exp(1_500.0), Law::Never)
                .fails("x", Scope::Unit(0), exp(1_000.0), exp(200.0)),
            Symptom::Crash,
        )
        .done(),
    );
    let mut bare = scaled("t", &[0, 1], 4, CheckType::Ec2).needs(2, Some(35.0));
    bare.load_balancer = None;
    all.push(
        world("ec2 without a balancer, zone outages", &[2], 8_000.0)
            .tier(bare)
            .stack(0, Need::Tier(0))
            .fails("u", Scope::Unit(0), exp(1_500.0), uniform(10.0, 200.0))
            .fails("z", Scope::Zones(vec![0, 1]), exp(1_500.0), exp(100.0))
            .done(),
    );
    let (design, tier) = elb("a deployment under a group", 2, 3, 8_000.0);
    all.push(symptom(design.tier(tier).fails("d", Scope::Tier(0, 0), exp(1_500.0), exp(200.0)), Symptom::Crash).done());
    all
}

fn structures() -> Vec<Design> {
    vec![
        world("nested needs, soft and hard", &[1], 10_000.0)
            .dependency("a", 0.3)
            .dependency("b", 1.0)
            .dependency("c", 0.6)
            .dependency("e", 1.0)
            .stack(
                0,
                Need::AllOf(vec![
                    Need::AnyOf(vec![Need::Dependency(0), Need::AllOf(vec![Need::Dependency(2), Need::Dependency(3)])]),
                    Need::KOf { k: 2, of: vec![Need::Dependency(1), Need::Dependency(2), Need::Dependency(3)] },
                ]),
            )
            .fails("fa", Scope::Dependency(0), exp(500.0), exp(300.0))
            .fails("fb", Scope::Dependency(1), exp(700.0), exp(200.0))
            .fails("fc", Scope::Dependency(2), exp(600.0), exp(250.0))
            .fails("fe", Scope::Dependency(3), exp(800.0), exp(300.0))
            .done(),
        world("what one tier loses does not reach the next", &[1], 10_000.0)
            .dependency("d", 0.5)
            .tier(pool("a", &[0], 4).needs(1, Some(30.0)))
            .tier(pool("b", &[0], 3).needs(1, Some(30.0)))
            .stack(0, Need::AllOf(vec![Need::Tier(0), Need::AnyOf(vec![Need::Dependency(0), Need::Tier(1)])]))
            .fails("d", Scope::Dependency(0), exp(500.0), exp(500.0))
            .fails("u", Scope::Unit(0), exp(1_000.0), exp(200.0))
            .fails("v", Scope::Unit(1), exp(1_000.0), exp(300.0))
            .done(),
        world("everything fails at once, and a dependency with its region", &[1, 1], 10_000.0)
            .dependency("d", 0.4)
            .with(|it| it.dependencies[0].region = Some(1))
            .tier(pool("t", &[0], 2).balanced(balancer(check())))
            .stack(0, Need::AllOf(vec![Need::Tier(0), Need::Dependency(0)]))
            .fails("g", Scope::Global, exp(2_000.0), exp(100.0))
            .fails("r", Scope::Regions(vec![1]), exp(2_000.0), exp(200.0))
            .fails("u", Scope::Unit(0), exp(1_000.0), exp(100.0))
            .done(),
        world("dependencies that fail in part, and are tried again", &[1], 10_000.0)
            .dependency("d", 0.5)
            .dependency("e", 1.0)
            .with(|it| {
                it.dependencies[0].client.share = fraction(0.8);
                it.dependencies[1].retry = Retry { attempts: 2, waits: vec![Seconds(0.0)] };
            })
            .stack(0, Need::AllOf(vec![Need::Dependency(0), Need::Dependency(1)]))
            .fails("d", Scope::Dependency(0), exp(500.0), exp(500.0))
            .with_mode(|mode| mode.error = fraction(0.3))
            .fails("dd", Scope::Dependency(0), exp(700.0), exp(300.0))
            .with_mode(|mode| mode.error = fraction(0.6))
            .fails("e", Scope::Dependency(1), exp(600.0), exp(200.0))
            .with_mode(|mode| mode.error = fraction(0.4))
            .done(),
        world("after a warm-up", &[1], 20_000.0)
            .with(|it| it.warm_up = Seconds(4_000.0))
            .tier(pool("t", &[0], 2))
            .stack(0, Need::Tier(0))
            .fails("f", Scope::Unit(0), exp(500.0), exp(500.0))
            .done(),
    ]
}

fn databases() -> Vec<Design> {
    let data = |name: &str, zones: &[usize], database: Database| {
        world(name, zones, 8_000.0).database(database).stack(0, Need::Database(0))
    };
    let careful = |zone| Replica {
        decision: exp(30.0).into(),
        promotion: uniform(20.0, 80.0),
        coverage: fraction(0.7),
        manual: exp(300.0).into(),
        ..copy(zone)
    };
    let far = |zone, failback| Replica { lag: exp(5.0), failback, ..careful(zone) };
    vec![
        data("single node", &[1], database("d", 0)).fails("n", Scope::Node(0), exp(1_000.0), exp(100.0)).done(),
        data(
            "standby, often dead as well",
            &[2],
            Database {
                standby: Some(careful(1)),
                endpoint_ttl: Seconds(20.0),
                detection: exp(20.0),
                ..database("d", 0)
            },
        )
        .fails("n", Scope::Node(0), exp(800.0), exp(200.0))
        .fails("z", Scope::Zones(vec![0, 1]), exp(2_000.0), uniform(5.0, 600.0))
        .done(),
        data(
            "standby, the way by hand",
            &[2],
            Database { standby: Some(Replica { coverage: fraction(0.0), ..careful(1) }), ..database("d", 0) },
        )
        .fails("n", Scope::Node(0), exp(2_000.0), lognormal(300.0, 1.0))
        .done(),
        data(
            "standby, promotions wait for the control plane",
            &[2],
            Database { standby: Some(copy(1)), ..database("d", 0) },
        )
        .fails("c", Scope::ControlPlanes(vec![0]), exp(300.0), exp(300.0))
        .fails("z", Scope::Zones(vec![0, 1]), exp(1_500.0), exp(300.0))
        .done(),
        data(
            "replica far away, never back",
            &[1, 1],
            Database { replica: Some(far(1, None)), endpoint_ttl: Seconds(10.0), ..database("d", 0) },
        )
        .fails("r", Scope::Regions(vec![0, 1]), exp(1_500.0), exp(300.0))
        .done(),
        data(
            "replica far away, with failback",
            &[1, 1],
            Database { replica: Some(far(1, Some(exp(200.0)))), endpoint_ttl: Seconds(10.0), ..database("d", 0) },
        )
        .fails("n", Scope::Node(0), exp(1_200.0), exp(200.0))
        .done(),
        kill(
            data(
                "backup only, node killed",
                &[1],
                Database { backup: Some(backup(500.0, exp(200.0))), ..database("d", 0) },
            )
            .fails("n", Scope::Node(0), exp(1_000.0), fixed(1.0)),
        )
        .done(),
        kill(
            data(
                "backup only, node killed and slow to repair",
                &[1],
                Database { backup: Some(backup(500.0, fixed(50.0))), ..database("d", 0) },
            )
            .fails("n", Scope::Node(0), exp(1_000.0), fixed(300.0)),
        )
        .done(),
        kill(
            data(
                "backup only, zone killed, restored in another",
                &[2],
                Database { backup: Some(backup(500.0, fixed(50.0))), ..database("d", 0) },
            )
            .fails("z", Scope::Zones(vec![0, 1]), exp(2_000.0), exp(300.0)),
        )
        .done(),
        kill(
            data(
                "backup only, region killed",
                &[1],
                Database { backup: Some(backup(500.0, exp(100.0))), ..database("d", 0) },
            )
            .fails("m", Scope::Regions(vec![0]), exp(1_500.0), exp(50.0))
            .fails("r", Scope::Regions(vec![0]), exp(1_500.0), exp(100.0)),
        )
        .done(),
        kill(
            data(
                "standby and backup, nodes killed",
                &[2],
                Database {
                    standby: Some(copy(1)),
                    backup: Some(backup(400.0, fixed(150.0))),
                    rebuild: exp(150.0),
                    ..database("d", 0)
                },
            )
            .fails("n", Scope::Node(0), exp(800.0), exp(50.0)),
        )
        .done(),
        data(
            "standby and replica",
            &[2, 1],
            Database { standby: Some(copy(1)), replica: Some(far(2, Some(fixed(300.0)))), ..database("d", 0) },
        )
        .fails("n", Scope::Node(0), exp(1_000.0), exp(200.0))
        .fails("r", Scope::Regions(vec![0]), exp(2_500.0), exp(300.0))
        .done(),
    ]
}

/// Two regions behind a name, each with a pool of two units behind a balancer, which fail only as regions.
fn two_regions(title: &str, dns: Dns) -> Design {
    world(title, &[1, 1], 8_000.0).tier(pool("t", &[0, 1], 2)).stack(0, Need::Tier(0)).stack(1, Need::Tier(0)).dns(dns)
}

fn names() -> Vec<Design> {
    let failover = || name(Record::Failover(vec![0, 1]));
    let weighted = || name(Record::Weighted(vec![(0, 0.7), (1, 0.3)]));
    let population = |name: &str, share: f64, prefers: [RegionId; 2]| Population {
        name: name.to_owned(),
        share: fraction(share),
        prefers: prefers.to_vec(),
    };
    let nearest = || name(Record::Latency(vec![population("here", 0.6, [0, 1]), population("there", 0.4, [1, 0])]));
    let hours = WorkingHours { from: Seconds(3_600.0), to: Seconds(7_200.0), days: [true; 7], outside: exp(200.0) };
    let people = OnCall { acknowledge: exp(20.0), decide: uniform(10.0, 50.0), hours: Some(hours) };
    let on_call = Dns { decision: Decision::OnCall(people), ..failover() };
    let cohorts = || {
        vec![
            cohort("honest", 0.5, 60.0, Stale::None),
            cohort("late", 0.2, 120.0, Stale::Fixed(Seconds(30.0))),
            cohort("stale", 0.3, 60.0, Stale::Exponential(Seconds(90.0))),
        ]
    };
    let outages = |design: Design| design.fails("r", Scope::Regions(vec![0, 1]), exp(1_500.0), exp(300.0)).done();
    let never = |mut dns: Dns| {
        dns.failback = Failback::Never;
        dns
    };
    vec![
        outages(two_regions("failover", failover())),
        outages(two_regions(
            "failover, three cohorts, stability",
            Dns { cohorts: cohorts(), failback: Failback::Automatic(exp(100.0)), ..failover() },
        )),
        two_regions(
            "flaps within the TTL",
            Dns {
                check: Some(check_by_law(exp(10.0), exp(15.0))),
                ttl: Seconds(200.0),
                cohorts: vec![
                    cohort("honest", 0.6, 200.0, Stale::None),
                    cohort("stale", 0.4, 200.0, Stale::Exponential(Seconds(50.0))),
                ],
                ..failover()
            },
        )
        .fails("r", Scope::Regions(vec![0, 1]), exp(150.0), exp(40.0))
        .with(|it| it.horizon = Seconds(2_000.0))
        .done(),
        two_regions("weights, and clients that come beyond the capacity", Dns { cohorts: cohorts(), ..weighted() })
            .with(|it| it.tiers[0] = pool("t", &[0, 1], 3).needs(1, Some(29.0)))
            .fails("r", Scope::Regions(vec![0, 1]), exp(1_500.0), exp(200.0))
            .fails("u", Scope::Unit(0), exp(2_000.0), exp(200.0))
            .done(),
        outages(two_regions("failover, never back", never(failover()))),
        outages(two_regions("each population its nearest region", nearest())),
        outages(two_regions("each population its nearest region, never back", never(nearest()))),
        outages(two_regions("people decide, at work until two hours after midnight", on_call)),
        outages(two_regions("weights, never back", never(weighted()))),
        outages(two_regions(
            "automatic, else by hand, then published, back by hand",
            Dns {
                decision: exp(30.0).into(),
                coverage: fraction(0.6),
                manual: exp(200.0).into(),
                publish: uniform(0.0, 30.0),
                failback: Failback::Manual(exp(300.0)),
                ..failover()
            },
        )),
        two_regions("no answer changes without the global control plane", failover())
            .fails("g", Scope::GlobalControlPlane, exp(500.0), exp(300.0))
            .fails("r", Scope::Regions(vec![0, 1]), exp(1_000.0), exp(300.0))
            .done(),
        world("three regions, deep check, a balanced tier each", &[2, 1, 1], 6_000.0)
            .tier(pool("t", &[0, 1, 2, 3], 2).balanced(balancer(check())))
            .stack(0, Need::Tier(0))
            .stack(1, Need::Tier(0))
            .stack(2, Need::Tier(0))
            .dns(name(Record::Failover(vec![1, 2, 0])))
            .fails("r", Scope::Regions(vec![0, 1, 2]), exp(2_000.0), exp(100.0))
            .fails("t0", Scope::Tier(0, 1), exp(800.0), uniform(10.0, 200.0))
            .fails("u", Scope::Unit(0), exp(600.0), exp(150.0))
            .done(),
        two_regions(
            "a shallow check does not see units",
            Dns { check: Some(HealthCheck { deep: false, ..check() }), ..failover() },
        )
        .fails("u", Scope::Unit(0), exp(800.0), exp(200.0))
        .fails("z", Scope::Zones(vec![0, 1]), exp(1_000.0), exp(200.0))
        .done(),
        world("a database that serves two regions", &[1, 1], 8_000.0)
            .tier(pool("t", &[0, 1], 1))
            .database(Database {
                replica: Some(Replica { lag: exp(3.0), failback: Some(fixed(200.0)), ..copy(1) }),
                endpoint_ttl: Seconds(15.0),
                ..database("d", 0)
            })
            .stack(0, Need::AllOf(vec![Need::Tier(0), Need::Database(0)]))
            .stack(1, Need::AllOf(vec![Need::Tier(0), Need::Database(0)]))
            .dns(failover())
            .fails("r", Scope::Regions(vec![0, 1]), exp(1_500.0), exp(300.0))
            .done(),
    ]
}

/// Without chance: twin and engine must agree to the last digits.
fn exact() -> Vec<Design> {
    let sharp = || check_by_law(fixed(30.0), fixed(50.0));
    let two_cohorts = || {
        vec![cohort("honest", 0.6, 60.0, Stale::None), cohort("stale", 0.4, 90.0, Stale::Exponential(Seconds(40.0)))]
    };
    let mut all = vec![
        world("exact: restored exactly at the verdict, and later", &[2], 5_000.0)
            .tier(pool("t", &[0, 1], 2).balanced(balancer(sharp())))
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0]), fixed(300.0), fixed(30.0))
            .fails("b", Scope::Zones(vec![1]), fixed(500.0), fixed(100.0))
            .done(),
        two_regions(
            "exact: drains of two cohorts overlap",
            Dns {
                check: Some(check_by_law(fixed(20.0), fixed(10.0))),
                cohorts: two_cohorts(),
                ..name(Record::Failover(vec![0, 1]))
            },
        )
        .fails("a", Scope::Regions(vec![0]), fixed(200.0), fixed(70.0))
        .fails("b", Scope::Regions(vec![1]), fixed(430.0), fixed(55.0))
        .with(|it| it.horizon = Seconds(3_000.0))
        .done(),
        two_regions(
            "exact: drains clipped by the capacity",
            Dns {
                check: Some(check_by_law(fixed(20.0), fixed(10.0))),
                cohorts: two_cohorts(),
                ..name(Record::Weighted(vec![(0, 0.5), (1, 0.5)]))
            },
        )
        .with(|it| it.tiers[0] = pool("t", &[0, 1], 3).needs(1, Some(24.0)))
        .fails("a", Scope::Regions(vec![0]), fixed(200.0), fixed(130.0))
        .fails("b", Scope::Regions(vec![1]), fixed(330.0), fixed(55.0))
        .with(|it| it.horizon = Seconds(3_000.0))
        .done(),
        two_regions(
            "exact: failback during the second failure",
            Dns {
                check: Some(check_by_law(fixed(20.0), fixed(10.0))),
                failback: Failback::Automatic(fixed(60.0)),
                publish: fixed(5.0),
                ..name(Record::Failover(vec![0, 1]))
            },
        )
        .fails("a", Scope::Regions(vec![0]), fixed(100.0), fixed(200.0))
        .fails("b", Scope::Regions(vec![1]), fixed(340.0), fixed(90.0))
        .with(|it| it.horizon = Seconds(2_000.0))
        .done(),
        world("a standby and its endpoint at fixed times", &[2], 6_000.0)
            .database(Database { standby: Some(copy(1)), endpoint_ttl: Seconds(30.0), ..database("d", 0) })
            .stack(0, Need::Database(0))
            .fails("a", Scope::Zones(vec![0]), fixed(400.0), fixed(100.0))
            .fails("b", Scope::Zones(vec![1]), fixed(480.0), fixed(130.0))
            .done(),
        world("exact: a promotion that is interrupted", &[2], 3_000.0)
            .database(Database { standby: Some(copy(1)), ..database("d", 0) })
            .stack(0, Need::Database(0))
            .fails("a", Scope::Zones(vec![0]), fixed(1_000.0), fixed(300.0))
            .fails("b", Scope::Zones(vec![1]), fixed(1_030.0), fixed(60.0))
            .done(),
        world("a replica and the way back at fixed times", &[1, 1], 6_000.0)
            .database(Database {
                replica: Some(Replica { lag: fixed(4.0), failback: Some(fixed(150.0)), ..copy(1) }),
                endpoint_ttl: Seconds(10.0),
                ..database("d", 0)
            })
            .stack(0, Need::Database(0))
            .fails("a", Scope::Zones(vec![0]), fixed(500.0), fixed(200.0))
            .fails("b", Scope::Zones(vec![1]), fixed(1_150.0), fixed(100.0))
            .done(),
    ];
    let group = |kind| {
        let tier = scaled("t", &[0, 1], 2, kind)
            .balanced(balancer(check_by_law(fixed(30.0), fixed(12.0))))
            .needs(2, None)
            .scaling(|it| it.status_check = check_by_law(fixed(45.0), fixed(12.0)));
        world("exact: a group over zone outages", &[2], 5_000.0)
            .tier(tier)
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0]), fixed(700.0), fixed(300.0))
            .fails("b", Scope::Zones(vec![1]), fixed(900.0), fixed(140.0))
            .fails("c", Scope::ControlPlanes(vec![0]), fixed(640.0), fixed(120.0))
            .done()
    };
    all.push(group(CheckType::Elb));
    all.push(group(CheckType::Ec2).with(|it| it.name.push_str(", ec2")));
    all.extend(found());
    all
}

/// What architectures drawn at random have shown: each once went wrong.
fn found() -> Vec<Design> {
    let sharp = || check_by_law(fixed(20.0), fixed(10.0));
    let failover = || Dns { check: Some(sharp()), publish: fixed(5.0), ..name(Record::Failover(vec![0, 1])) };
    let scaled_group = |title: &str, zones: &[ZoneId], kind: CheckType| {
        let tier = scaled("t", zones, 4, kind)
            .balanced(balancer(check_by_law(fixed(30.0), fixed(12.0))))
            .needs(2, None)
            .scaling(|it| it.status_check = check_by_law(fixed(45.0), fixed(12.0)));
        world(title, &[zones.len()], 3_000.0).tier(tier).stack(0, Need::Tier(0))
    };
    vec![
        world("exact: a zone without any unit", &[2], 2_000.0)
            .tier(
                pool("t", &[0, 1], 1)
                    .balanced(LoadBalancer { cross_zone: false, ..balancer(check_by_law(fixed(30.0), fixed(50.0))) }),
            )
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0]), fixed(700.0), fixed(100.0))
            .done(),
        two_regions("exact: back before the control plane, which held the change", failover())
            .fails("a", Scope::Regions(vec![0]), fixed(500.0), fixed(120.0))
            .fails("c", Scope::GlobalControlPlane, fixed(515.0), fixed(203.0))
            .done(),
        world("exact: never back, but the next one after it was seen healthy", &[1, 1, 1], 8_000.0)
            .tier(pool("t", &[0, 1, 2], 2))
            .stack(0, Need::Tier(0))
            .stack(1, Need::Tier(0))
            .stack(2, Need::Tier(0))
            .dns(Dns {
                publish: fixed(60.0),
                failback: Failback::Never,
                check: Some(sharp()),
                ..name(Record::Failover(vec![0, 1, 2]))
            })
            .fails("a", Scope::Regions(vec![0]), fixed(500.0), fixed(120.0))
            .fails("b", Scope::Regions(vec![1]), fixed(560.0), fixed(300.0))
            .fails("c", Scope::Regions(vec![2]), fixed(700.0), fixed(150.0))
            .done(),
        two_regions(
            "exact: seen healthy at the instant at which the other one is taken out",
            Dns {
                record: Record::Weighted(vec![(0, 0.7), (1, 0.3)]),
                failback: Failback::Automatic(fixed(60.0)),
                ..failover()
            },
        )
        .fails("a", Scope::Regions(vec![0]), fixed(500.0), fixed(120.0))
        .fails("b", Scope::Regions(vec![1]), fixed(605.0), fixed(300.0))
        .done(),
        two_regions("exact: down again while the control plane holds the return", failover())
            .fails("a", Scope::Regions(vec![0]), fixed(500.0), fixed(120.0))
            .fails("b", Scope::Regions(vec![0]), fixed(650.0), fixed(301.0))
            .fails("c", Scope::GlobalControlPlane, fixed(625.0), fixed(203.0))
            .done(),
        two_regions("exact: the best of two changes while clients move", failover())
            .dependency("d", 1.0)
            .with(|it| {
                it.tiers[0] = pool("t", &[0, 1], 1).needs(1, Some(45.0));
                it.stacks[1].requires = Need::KOf { k: 1, of: vec![Need::Tier(0), Need::Dependency(0)] };
            })
            .fails("a", Scope::Regions(vec![0]), fixed(500.0), fixed(300.0))
            .fails("d", Scope::Dependency(0), fixed(450.0), fixed(700.0))
            .with_mode(|mode| mode.error = fraction(0.5))
            .done(),
        symptom(
            scaled_group("exact: launched while the tier is down, and checked again after it", &[0], CheckType::Elb)
                .fails("a", Scope::Tier(0, 0), fixed(700.0), fixed(139.0)),
            Symptom::Crash,
        )
        .done(),
        scaled_group("exact: in service while the tier is down, and replaced again", &[0], CheckType::Ec2)
            .with(|it| it.tiers[0].load_balancer = None)
            .fails("a", Scope::Tier(0, 0), fixed(700.0), fixed(139.0))
            .done(),
        scaled_group("exact: a zone that returns while its region is down", &[0, 1, 2], CheckType::Elb)
            .fails("a", Scope::Regions(vec![0]), fixed(900.0), fixed(122.0))
            .fails("z", Scope::Zones(vec![2]), fixed(851.0), fixed(63.0))
            .done(),
        world("exact: several further units at one instant, in both zones", &[2], 6_000.0)
            .tier(
                scaled("t", &[0, 1], 4, CheckType::Elb)
                    .balanced(LoadBalancer { cross_zone: false, ..balancer(check_by_law(fixed(2.0), fixed(2.25))) })
                    .needs(1, Some(27.5))
                    .scaling(|it| (it.grace, it.launch, it.boot) = (Seconds(58.562_5), fixed(6.5), fixed(23.937_5))),
            )
            .stack(0, Need::Tier(0))
            .fails("a", Scope::Zones(vec![0, 1]), fixed(3_888.312_5), fixed(171.875))
            .fails("c", Scope::Zones(vec![0, 1]), fixed(1_224.375), fixed(205.125))
            .done(),
        kill(
            world("exact: all given up at one instant, and launched after that", &[2], 5_400.0)
                .tier(
                    scaled("t", &[0, 1], 4, CheckType::Elb)
                        .balanced(balancer(check_by_law(fixed(33.875), fixed(25.875))))
                        .scaling(|it| {
                            (it.grace, it.launch, it.boot) = (Seconds(168.9375), fixed(9.8125), fixed(81.875))
                        }),
                )
                .stack(0, Need::Tier(0))
                .fails("a", Scope::Zones(vec![0, 1]), fixed(1_283.125), fixed(73.375))
                .fails("b", Scope::Tier(0, 0), fixed(3_475.125), fixed(56.312_5))
                .fails("d", Scope::Unit(0), fixed(1_038.5), fixed(286.437_5))
                .fails("c", Scope::Zones(vec![0]), fixed(886.437_5), fixed(10.687_5)),
        )
        .done(),
        kill(
            world("exact: everything back at once, the standby first", &[2, 1], 3_000.0)
                .database(Database {
                    standby: Some(copy(1)),
                    replica: Some(Replica {
                        coverage: fraction(0.0),
                        manual: fixed(0.0).into(),
                        lag: fixed(2.0),
                        ..copy(2)
                    }),
                    ..database("d", 0)
                })
                .stack(0, Need::Database(0))
                .fails("g", Scope::Global, fixed(1_025.0), fixed(50.0))
                .fails("z", Scope::Zones(vec![0]), fixed(1_000.0), fixed(300.0)),
        )
        .done(),
    ]
}
