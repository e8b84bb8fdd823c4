//! What scenarios without problems become.

use super::load::{check, load, load_text, load_with};
use super::problem::Problems;
use crate::law::Law;
use crate::model::{Cohort, Design, Failback, Need, Record, Routing, Scope, Sessions, Stale, Symptom, Trip, Upkeep};
use crate::units::{Fraction, Seconds};
use std::path::PathBuf;

/// One region, one pool: what most tests need around what they test.
const BASE: &str = "region.eu.zones = ['b', 'a', 'c']\ntier.web.pool.units = 2\n";
const FAILURE: &str = "failure.unit = { scope = 'unit:web', mttf = '60d', repair = '1h' }\n";

fn design(text: &str) -> Design {
    let loaded = load_text("folder/shop.toml", text).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{}", Problems::from(loaded.warnings));
    loaded.designs.into_iter().next().expect("a design")
}

fn repair(law: &str) -> Law {
    let text = format!("{BASE}failure.unit = {{ scope = 'unit:web', mttf = '100y', repair = {law} }}");
    design(&text).failures.swap_remove(0).repair
}

fn mttf(law: &str) -> Law {
    let text = format!("{BASE}failure.unit = {{ scope = 'unit:web', mttf = {law}, repair = '1s' }}");
    design(&text).failures.swap_remove(0).mttf
}

/// A folder with these files, and their paths.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |(name, text): &(&str, &str)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a temporary file");
        path
    };
    let paths = files.iter().map(write).collect();
    (folder, paths)
}

#[test]
fn every_form_of_a_law_is_read() {
    let law = |law: Result<Law, String>| law.expect("a law");
    let (minute, hour) = (60.0, 3600.0);
    for (text, expected) in [
        ("'90s'", Law::Fixed(90.0)),
        ("'never'", Law::Never),
        ("{ fixed = '30s' }", Law::Fixed(30.0)),
        ("{ exponential = '10m' }", law(Law::exponential(600.0))),
        ("{ uniform = ['60s', '120s'] }", law(Law::uniform(60.0, 120.0))),
        ("{ triangular = ['1m', '2m', '10m'] }", law(Law::triangular(60.0, 120.0, 600.0))),
        ("{ lognormal = { mean = '1h', sigma = 1.2 } }", law(Law::lognormal_mean(hour, 1.2))),
        ("{ lognormal = { mean = '1h', cv = 2 } }", law(Law::lognormal_mean_cv(hour, 2.0))),
        ("{ lognormal = { median = '1h', sigma = 1 } }", law(Law::lognormal_median(hour, 1.0))),
        ("{ lognormal = { p50 = '1h', sigma = 1 } }", law(Law::lognormal_median(hour, 1.0))),
        (
            "{ lognormal = { median = '97m', p90 = '422m' } }",
            law(Law::lognormal_quantiles((0.5, 97.0 * minute), (0.9, 422.0 * minute))),
        ),
        ("{ weibull = { mean = '1h', shape = 0.7 } }", law(Law::weibull_mean(hour, 0.7))),
        ("{ weibull = { scale = '1h', shape = 0.7 } }", law(Law::weibull(hour, 0.7))),
        ("{ weibull = { p95 = '1h', p5 = '1m' } }", law(Law::weibull_quantiles((0.05, minute), (0.95, hour)))),
        ("{ gamma = { mean = '5m', shape = 2.0 } }", law(Law::gamma_mean(300.0, 2.0))),
        ("{ gamma = { scale = '5m', shape = 2 } }", law(Law::gamma(2.0, 300.0))),
        ("{ erlang = { mean = '5m', stages = 3 } }", law(Law::erlang(3, 300.0))),
        (
            "{ hyperexponential = { means = ['1m', '1h'], weights = [0.9, 0.1] } }",
            law(Law::hyperexponential(&[0.9, 0.1], &[minute, hour])),
        ),
        (
            "{ mixture = [{ weight = 0.9, law = '30s' }, { weight = 0.1, law = { exponential = '1h' } }] }",
            law(Law::mixture(vec![(0.9, Law::Fixed(30.0)), (0.1, law(Law::exponential(hour)))])),
        ),
        ("'catalog:rds.multi_az.failover'", law(Law::uniform(60.0, 120.0))),
        ("{ exponential = 'catalog:dr.decision' }", law(Law::exponential(300.0))),
    ] {
        assert_eq!(repair(text), expected, "{text}");
    }
}

#[test]
fn a_quantile_with_a_point_needs_no_quotes() {
    let expected = Law::lognormal_quantiles((0.5, 60.0), (0.999, 600.0)).expect("a law");
    for text in
        ["{ lognormal = { median = '1m', p99.9 = '10m' } }", "{ lognormal = { 'p50' = '1m', 'p99.9' = '10m' } }"]
    {
        let Law::Lognormal { mu, sigma } = repair(text) else { panic!("{text}") };
        let Law::Lognormal { mu: m, sigma: s } = expected else { panic!("lognormal") };
        assert!((mu - m).abs() < 1e-12 && (sigma - s).abs() < 1e-12, "{text}");
    }
}

#[test]
fn a_uniform_law_goes_through_its_quantiles() {
    let law = repair("{ uniform = { p10 = '2m', p90 = '10m' } }");
    assert!((law.quantile(0.1) - 120.0).abs() < 1e-9 && (law.quantile(0.9) - 600.0).abs() < 1e-9, "{law}");
}

#[test]
fn a_time_to_failure_is_exponential_unless_it_says_otherwise() {
    let year = Seconds::YEAR.get();
    for (text, mean) in [
        ("'60d'", 60.0 * 86_400.0),
        ("{ per_year = 6 }", year / 6.0),
        ("'6/y'", year / 6.0),
        ("'1 per 30d'", 30.0 * 86_400.0),
        ("'catalog:az.full_loss.rate'", year / 0.003),
    ] {
        let Law::Exponential { mean: found } = mttf(text) else { panic!("{text}") };
        assert!((found / mean - 1.0).abs() < 1e-12, "{text}: {found}");
    }
    assert_eq!(mttf("{ fixed = '60d' }"), Law::Fixed(60.0 * 86_400.0));
    let loaded = load_text(
        "s",
        &format!("{BASE}failure.u = {{ scope = 'unit:web', mttf = {{ per_year = 0 }}, repair = '1s' }}"),
    );
    assert_eq!(loaded.expect("a scenario").designs[0].failures[0].mttf, Law::Never);
}

#[test]
fn observations_stand_beside_the_file() {
    let scenario = format!(
        "{BASE}failure.unit = {{ scope = 'unit:web', mttf = '60d', repair = {{ empirical = 'repairs.csv' }} }}"
    );
    let (_folder, paths) =
        folder(&[("scenario.toml", &scenario), ("repairs.csv", "duration\n# seen in spring\n90\n\n\"5m\"\n1h,\r\n")]);
    let loaded = load(&paths[..1]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.designs[0].failures[0].repair, Law::Empirical([90.0, 300.0, 3600.0].into()));
}

#[test]
fn defaults_are_those_of_the_reference() {
    let text = format!(
        "{FAILURE}\
         region.eu.zones = ['a', 'b']\n\
         database.db = {{ primary = 'a', standby.zone = 'b', backup = {{}} }}\n\
         tier.web.load_balancer = {{}}\n\
         tier.web.auto_scaling = {{ desired = 2, check = 'elb' }}\n"
    );
    let design = design(&text);
    assert_eq!((design.name.as_str(), design.question.as_deref()), ("shop", None));
    assert_eq!((design.horizon, design.warm_up), (Seconds::YEAR, Seconds::ZERO));
    assert_eq!((design.demand.rate.get(), design.demand.writes.get()), (100.0, 10.0));
    assert_eq!(Some(design.up_threshold), Fraction::new(0.99));
    let tier = &design.tiers[0];
    let check = &tier.load_balancer.as_ref().expect("a load balancer").check;
    assert_eq!((check.interval, check.timeout), (Seconds(30.0), Seconds(5.0)));
    assert_eq!((check.unhealthy_threshold, check.healthy_threshold, check.deep), (2, 5, true));
    let Upkeep::AutoScaling(group) = &tier.upkeep else { panic!("a group") };
    assert_eq!((group.min, group.desired, group.max, group.grace), (2, 2, 2, Seconds(300.0)));
    assert_eq!((&group.terminate, &group.retry), (&Law::Fixed(0.0), &Law::Fixed(60.0)));
    assert_eq!(group.status_check.interval, Seconds(60.0));
    let standby = design.databases[0].standby.as_ref().expect("a standby");
    assert_eq!((&standby.promotion, standby.coverage.get()), (&Law::Uniform { low: 60.0, high: 120.0 }, 0.98));
    assert_eq!((&standby.decision, &standby.lag), (&Law::Fixed(0.0).into(), &Law::Fixed(0.0)));
}

/// The values that resilience4j, Polly and Hystrix document, and those of the lesson.
#[test]
fn a_breaker_takes_what_is_not_stated_from_its_preset() {
    let breaker = |keys: &str| {
        let text = format!(
            "region.eu.zones = ['a']\ndependency.d.breaker = {{ {keys} }}\nfailure.d = {{ scope = 'dependency:d', mttf = '60d', repair = '1h' }}"
        );
        let dependency = design(&text).dependencies.swap_remove(0);
        let breaker = dependency.breaker.expect("a breaker");
        (breaker.trip, breaker.reset_timeout.get(), breaker.half_open, dependency.client.timeout.get())
    };
    let share = |value: f64| Fraction::new(value).expect("a share");
    let window =
        |part: f64, seconds: f64, minimum: u32| Trip::OfTime { share: share(part), window: Seconds(seconds), minimum };
    for (keys, expected) in [
        ("", (Trip::Consecutive(5), 30.0, 1, 5.0)),
        ("preset = 'resilience4j'", (Trip::OfCalls { share: share(0.5), window: 100 }, 60.0, 10, 5.0)),
        ("preset = 'polly'", (window(0.1, 30.0, 100), 5.0, 1, 5.0)),
        ("preset = 'hystrix'", (window(0.5, 10.0, 20), 5.0, 1, 1.0)),
        ("preset = 'hystrix', failure_threshold = 3", (Trip::Consecutive(3), 5.0, 1, 1.0)),
        ("preset = 'polly', window_calls = 10", (Trip::OfCalls { share: share(0.1), window: 10 }, 5.0, 1, 5.0)),
        ("failure_share = 0.2, window = '20s', half_open = 4", (window(0.2, 20.0, 1), 30.0, 4, 5.0)),
        ("preset = 'resilience4j', window = '20s'", (window(0.5, 20.0, 1), 60.0, 10, 5.0)),
    ] {
        assert_eq!(breaker(keys), expected, "{keys}");
    }
}

#[test]
fn waits_between_attempts_grow() {
    let waits = |keys: &str| {
        let text = format!(
            "region.eu.zones = ['a']\ndependency.d.retry = {{ {keys} }}\nfailure.d = {{ scope = 'dependency:d', mttf = '60d', repair = '1h', symptom = 'hang', error = 0.5 }}"
        );
        let design = design(&text);
        assert_eq!((design.failures[0].symptom, design.failures[0].error.get()), (Symptom::Hang, 0.5));
        design.dependencies[0].retry.waits.iter().map(|wait| wait.get()).collect::<Vec<_>>()
    };
    assert!(waits("attempts = 1").is_empty());
    assert_eq!(waits("attempts = 3"), [0.0, 0.0]);
    assert_eq!(waits("attempts = 4, backoff = '1s', factor = 3"), [1.0, 3.0, 9.0]);
    assert_eq!(waits("attempts = 4, backoff = '1s', factor = 3, longest = '5s', jitter = 'full'"), [0.5, 1.5, 2.5]);
    assert_eq!(waits("attempts = 2, backoff = '4s', jitter = 'equal'"), [3.0]);
}

#[test]
fn users_on_each_unit_are_added_up() {
    let users = |record: &str| {
        let text = format!(
            "region.eu.zones = ['a']\nregion.us.zones = ['b']\ntier.web.pool.units = 4\n{FAILURE}\
             stack.main = {{ regions = ['eu', 'us'], requires = ['web'] }}\n\
             dns = {{ ttl = '60s', record = {record}, health_check = {{}} }}\n\
             sessions = {{ store = 'instance', tier = 'web', per_unit = 25 }}"
        );
        design(&text).sessions
    };
    let instance = |users: f64| Some(Sessions::Instance { tier: 0, users });
    assert_eq!(users("{ failover = ['eu', 'us'] }"), instance(100.0));
    assert_eq!(users("{ weighted = { eu = 1, us = 3 } }"), instance(200.0));
    assert_eq!(users("{ weighted = { eu = 1, us = 0 } }"), instance(100.0));
}

#[test]
fn what_was_assumed_is_listed_and_what_was_stated_is_not() {
    let design = design(&format!(
        "{FAILURE}\
         demand = {{ rate = '5/s', writes = '1/s' }}\n\
         region.eu.zones = ['a']\n\
         tier.web = {{ load_balancer = {{ interval = '10s', detection = '20s' }}, auto_scaling = {{ desired = 2, check = 'elb', boot = 'catalog:app.boot' }} }}\n"
    ));
    let keys: Vec<&str> = design.assumptions.iter().map(|assumption| assumption.key.as_str()).collect();
    let expected = [
        "tier.web.auto_scaling.boot",
        "tier.web.auto_scaling.grace",
        "tier.web.auto_scaling.launch",
        "tier.web.load_balancer.cross_zone",
        "tier.web.load_balancer.healthy_threshold",
    ];
    assert_eq!(keys, expected);
    let boot = &design.assumptions[0];
    assert_eq!((boot.value.as_str(), boot.catalog.as_str(), boot.grade.as_str()), ("2m", "app.boot", "A"));
    assert!(boot.source.ends_with("(2018)"), "{}", boot.source);
}

#[test]
fn lists_are_sorted_by_name_and_zones_keep_their_order() {
    let tables = [
        "region.us.zones = ['us-2', 'us-1']\n",
        "region.eu.zones = ['eu-2', 'eu-1', 'eu-3']\n",
        "tier.web = { zones = 2, pool.units = 2 }\n",
        "tier.api = { zones = ['us-1', 'eu-1'], pool.units = 2 }\n",
        "failure.b = { scope = 'unit:web', mttf = '60d', repair = '1h' }\n",
        "failure.a = { scope = 'zone', mttf = '60d', repair = '1h' }\n",
        "stack.main = { regions = ['us', 'eu'], requires = ['web', 'api'] }\n",
        "dns = { record = { failover = ['us', 'eu'] }, health_check = {} }\n",
    ];
    let one = design(&tables.concat());
    assert_eq!(one, design(&tables.iter().rev().copied().collect::<String>()), "the order of tables means nothing");
    let names: Vec<&str> = one.zones.iter().map(|zone| zone.name.as_str()).collect();
    assert_eq!(names, ["eu-2", "eu-1", "eu-3", "us-2", "us-1"]);
    assert_eq!((one.tiers[0].name.as_str(), &one.tiers[0].zones), ("api", &vec![1, 4]));
    assert_eq!((one.tiers[1].name.as_str(), &one.tiers[1].zones), ("web", &vec![0, 1, 3, 4]));
    assert_eq!(one.failures.iter().map(|mode| mode.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let Routing::Dns(dns) = &one.routing else { panic!("DNS") };
    assert_eq!(dns.record, Record::Failover(vec![1, 0]));
    assert_eq!(one.stacks.iter().map(|stack| stack.region).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(one.stacks[0].requires, Need::AllOf(vec![Need::Tier(1), Need::Tier(0)]), "in the order required");
}

#[test]
fn needs_nest() {
    let design = design(&format!(
        "{BASE}{FAILURE}database.db = {{ primary = 'a', backup = {{}} }}\ndependency.mail = {{}}\ndependency.sms.cost = '20%'\n\
         stack.main.requires = ['web', {{ any_of = ['mail', {{ all_of = ['sms'] }}] }}, {{ k_of = 1, of = ['db', 'web'] }}]\n"
    ));
    let any = Need::AnyOf(vec![Need::Dependency(0), Need::AllOf(vec![Need::Dependency(1)])]);
    let some = Need::KOf { k: 1, of: vec![Need::Database(0), Need::Tier(0)] };
    assert_eq!(design.stacks[0].requires, Need::AllOf(vec![Need::Tier(0), any, some]));
    assert_eq!(design.dependencies[1].cost.get(), 0.2);
}

#[test]
fn scopes_become_places() {
    let scope = |scope: &str| -> Vec<(String, Scope)> {
        let text = format!(
            "region.eu.zones = ['a', 'b']\nregion.us.zones = ['c']\ntier.web.pool.units = 2\ntier.api.pool.units = 2\n\
             database.db = {{ primary = 'a', backup = {{}} }}\ndependency.mail = {{}}\n\
             stack.main = {{ regions = ['eu', 'us'], requires = ['web', 'api', 'db', 'mail'] }}\n\
             dns = {{ record = {{ weighted = {{ eu = 0.7, us = 0.3 }} }} }}\n\
             failure.f = {{ scope = {scope}, mttf = '60d', repair = '1h' }}\n"
        );
        design(&text).failures.into_iter().map(|mode| (mode.name, mode.scope)).collect()
    };
    let one = |found: Scope| vec![("f".to_owned(), found)];
    assert_eq!(scope("'unit:web'"), one(Scope::Unit(1)));
    assert_eq!(scope("'database:db'"), one(Scope::Node(0)));
    assert_eq!(scope("'dependency:mail'"), one(Scope::Dependency(0)));
    assert_eq!(scope("'zone'"), one(Scope::Zones(vec![0, 1, 2])));
    assert_eq!(scope("['zone:c', 'zone:a']"), one(Scope::Zones(vec![0, 2])));
    assert_eq!(scope("'region'"), one(Scope::Regions(vec![0, 1])));
    assert_eq!(scope("'region:us'"), one(Scope::Regions(vec![1])));
    assert_eq!(scope("'control-plane'"), one(Scope::ControlPlanes(vec![0, 1])));
    assert_eq!(scope("'control-plane:us'"), one(Scope::ControlPlanes(vec![1])));
    assert_eq!(scope("'control-plane:global'"), one(Scope::GlobalControlPlane));
    assert_eq!(scope("'global'"), one(Scope::Global));
    let parts = [("f (api)".to_owned(), Scope::Unit(0)), ("f (web)".to_owned(), Scope::Unit(1))];
    assert_eq!(scope("['unit:web', 'unit:api']"), parts);
    let regions = [("f (web in eu)".to_owned(), Scope::Tier(1, 0)), ("f (web in us)".to_owned(), Scope::Tier(1, 1))];
    assert_eq!(scope("'tier:web'"), regions);
}

#[test]
fn cohorts_are_completed() {
    let dns = |cohorts: &str| {
        let text = format!("{BASE}{FAILURE}dns = {{ record = {{ failover = ['eu'] }}, cohort = {cohorts} }}\n");
        match design(&text).routing {
            Routing::Dns(dns) => dns,
            Routing::Direct => panic!("DNS"),
        }
    };
    let honest = |share: f64| Cohort {
        name: "honest".to_owned(),
        share: fraction(share),
        ttl: Seconds(60.0),
        stale: Stale::None,
    };
    fn fraction(share: f64) -> Fraction {
        Fraction::new(share).expect("a fraction")
    }
    assert_eq!(dns("[]").cohorts, [honest(1.0)]);
    assert_eq!(dns("[]").failback, Failback::Automatic(Law::Fixed(0.0)));
    let cohorts = dns("[{ name = 'clamped', share = 0.25, min_ttl = '5m', stale = { exponential = '1m' } }, \
          { name = 'pooled', share = '25%', pool_lifetime = '30s', restart = '7d' }]")
    .cohorts;
    let cohort =
        |name: &str, ttl, stale| Cohort { name: name.to_owned(), share: fraction(0.25), ttl: Seconds(ttl), stale };
    let clamped = cohort("clamped", 300.0, Stale::Exponential(Seconds(60.0)));
    let pooled = cohort("pooled", 60.0, Stale::Exponential(Seconds(7.0 * 86_400.0)));
    assert_eq!(cohorts, [clamped, pooled, honest(0.5)]);
    let thirds = "[{ name = 'a', share = 0.3333333333333 }, { name = 'b', share = 0.3333333333333 }, { name = 'c', share = 0.3333333333333 }]";
    let sum: f64 = dns(thirds).cohorts.iter().map(|cohort| cohort.share.get()).sum();
    assert!((sum - 1.0).abs() < 1e-15 && dns(thirds).cohorts.len() == 3, "{sum}");
}

#[test]
fn units_of_a_group_need_no_repair() {
    let design = design(
        "region.eu.zones = ['a']\ntier.web.auto_scaling.desired = 2\nfailure.unit = { scope = 'unit:web', mttf = '60d' }\n",
    );
    assert_eq!(design.failures[0].repair, Law::Never);
}

#[test]
fn an_environment_is_shared_and_skips_what_a_design_has_not() {
    let environment = "demand.rate = '7/s'\nregion.eu.zones = ['a', 'b']\nregion.us.zones = ['c']\ndependency.mail = {}\n\
        failure.unit = { scope = ['unit:web', 'unit:api'], mttf = '60d', repair = '1h' }\nfailure.db = { scope = 'database:db', mttf = '1y', repair = '1h' }\n";
    let one = "environment = 'env.toml'\ntier.web.pool.units = 1\nstack.s = { regions = ['eu'], requires = ['web'] }\n";
    let two = "environment = 'env.toml'\nname = 'second'\ntier.api.pool.units = 1\ndatabase.db = { primary = 'a', backup = {} }\n\
               stack.s = { regions = ['eu'], requires = ['api', 'db'] }\n";
    let (_folder, paths) = folder(&[("one.toml", one), ("two.toml", two), ("env.toml", environment)]);
    let loaded = load(&paths[..2]).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{}", Problems::from(loaded.warnings));
    let modes = |at: usize| loaded.designs[at].failures.iter().map(|mode| mode.name.as_str()).collect::<Vec<_>>();
    assert_eq!((loaded.designs[0].name.as_str(), modes(0)), ("one", vec!["unit"]));
    assert_eq!((loaded.designs[1].name.as_str(), modes(1)), ("second", vec!["db", "unit"]));
    assert!(loaded.designs.iter().all(|design| design.demand.rate.get() == 7.0 && design.dependencies.is_empty()));
    // The environment can be checked among its architectures and alone.
    assert!(check(&paths).is_empty(), "{}", check(&paths));
    let alone = load(&paths[2..]).expect_err("nothing to simulate");
    assert_eq!(alone.iter().next().map(|problem| problem.code), Some("stack-regions"));
    let same = load(&[paths[0].clone(), paths[0].clone()]).expect_err("one name");
    assert_eq!(same.iter().next().map(|problem| problem.code), Some("duplicate-name"));
}

#[test]
fn keys_can_be_set() {
    let scenario = format!(
        "{BASE}failure.unit = {{ scope = 'unit:web', mttf = '60d', repair = {{ lognormal = {{ mean = '1h', sigma = 1 }} }} }}\n\
         [dns]\nrecord = {{ failover = ['eu'] }}\n[[dns.cohort]]\nname = 'java'\nshare = 0.1\n"
    );
    let (_folder, paths) = folder(&[("scenario.toml", &scenario)]);
    let set = |changes: &[(&str, &str)]| {
        let changes: Vec<_> = changes.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        load_with(&paths, &changes).unwrap_or_else(|problems| panic!("{problems}")).designs.swap_remove(0)
    };
    let dns = |design: &Design| match &design.routing {
        Routing::Dns(dns) => dns.clone(),
        Routing::Direct => panic!("DNS"),
    };
    let units = |design: &Design| match design.tiers[0].upkeep {
        Upkeep::Pool { units, .. } => units,
        Upkeep::AutoScaling(_) => 0,
    };
    let plain = set(&[]);
    assert_eq!((dns(&plain).ttl, units(&plain)), (Seconds(60.0), 2));
    // Without quotes, with them, and in a table that was not there.
    assert_eq!(dns(&set(&[("dns.ttl", "30s")])).ttl, Seconds(30.0));
    assert_eq!(dns(&set(&[("dns.ttl", "\"30s\"")])).ttl, Seconds(30.0));
    assert_eq!(units(&set(&[("tier.web.pool.units", "3")])), 3);
    assert_eq!(set(&[("simulation.horizon", "2y")]).horizon, Seconds(2.0 * Seconds::YEAR.get()));
    assert!(set(&[("tier.web.load_balancer.interval", "10s")]).tiers[0].load_balancer.is_some());
    assert_eq!(set(&[("name", "other")]).name, "other");
    // Inside laws and lists; later changes win.
    let repair = |design: Design| design.failures[0].repair.clone();
    let changed = repair(set(&[("failure.unit.repair.lognormal.mean", "2h")]));
    assert_eq!(Ok(changed), Law::lognormal_mean(7200.0, 1.0));
    assert_eq!(repair(set(&[("failure.unit.repair", "{ exponential = '1m' }")])), Law::Exponential { mean: 60.0 });
    assert_eq!(dns(&set(&[("dns.cohort.java.share", "0.2")])).cohorts[0].share.get(), 0.2);
    assert_eq!(dns(&set(&[("dns.cohort.1.share", "30%"), ("dns.cohort.1.share", "40%")])).cohorts[0].share.get(), 0.4);
    assert_eq!(dns(&set(&[("dns.record", "{ weighted = { eu = 1 } }")])).record, Record::Weighted(vec![(0, 1.0)]));
}
