//! `size`: answers against closed forms, what has none, exit statuses, and errors that teach.

use super::{ridethrough, scenario};
use serde_json::Value;

/// One server that is up for 10 days in the mean and then down for a fixed time r: up a share of 10 d / (10 d + r) of the time in the long run. For 99 %, r
/// is at most 10 d / 99 = 2 h 25.5 min. A history begins with the server up, which lowers what is lost in a year by less than (r / 365 d), 0.03 % of it.
const SERVER: &str = "name = 'server'\nregion.eu.zones = ['a']\ntier.web.pool.units = 1\n\
                      failure.f = { scope = 'unit:web', mttf = '10d', repair = '1h' }\n";

/// Two regions, of which the first fails. It is noticed after 30 s; then clients move at the pace of their caches, evenly over one TTL, and
/// the incident is over when the threshold of 99 % is reached: each lasts 30 s + 0.99 TTL, and so does their 95th percentile.
const PAIR: &str = "name = 'pair'\nstack.s = { regions = ['eu', 'us'], requires = ['web'] }\n\
                    region.eu.zones = ['a']\nregion.us.zones = ['b']\ntier.web.pool.units = 1\n\
                    dns = { record = { failover = ['eu', 'us'] }, ttl = '60s', health_check = { detection = '30s' }, \
                    resolvers = 1000, price_per_million = 0.4 }\n\
                    failure.r = { scope = 'region:eu', mttf = '30d', repair = '12h' }\n";

/// Units that are each up for 9 days and down for one, of which three are needed: by the binomial law all is well with a probability of
/// 99.144 % with 5 units, 99.873 % with 6 and 99.982 % with 7.
const GROUP: &str = "name = 'group'\nregion.eu.zones = ['a']\ntier.web = { required = 3, pool.units = 4 }\n\
                     failure.f = { scope = 'unit:web', mttf = '9d', repair = { exponential = '1d' } }\n";

/// One target that is checked every 5 min, with one false alarm in a hundred checks. With a threshold of 1 it is replaced every 100 checks or so, each
/// time for 5 min at least: more than 1 % of the time, 87 h a year. With a threshold of F each of its 12 failures a year is detected after about
/// 5 min (F - 1/2) and mended 5 min and some checks later: 12 (32.5 + 10) min = 8.5 h with F = 7, and more than 12 x 197 min = 39 h with F = 40.
const CHECKED: &str = "name = 'checked'\nsimulation = { warm_up = '30d', horizon = '395d' }\nregion.eu.zones = ['a']\n\
    tier.web.auto_scaling = { desired = 1, check = 'elb', grace = '4m', launch = '60s', boot = '4m' }\n\
    tier.web.load_balancer = { interval = '5m', unhealthy_threshold = 2, healthy_threshold = 2, false_positive = '1%' }\n\
    failure.f = { scope = 'unit:web', mttf = '30d' }\n";

/// Status, standard output and standard error of a search in this scenario, with time to spare, so that only replications end it.
fn size(text: &str, arguments: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("design.toml");
    std::fs::write(&file, text).expect("a file");
    let mut command = ridethrough();
    // A condition that has blanks is written with "~" here, since blanks part the arguments.
    command.arg("size").arg(&file).args(arguments.split(' ').map(|argument| argument.replace('~', " ")));
    let output = command.args(["--max-time", "1h"]).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a status"), text(&output.stdout), text(&output.stderr))
}

fn json(text: &str, arguments: &str) -> (i32, Value) {
    let (code, stdout, stderr) = size(text, &format!("{arguments} --output json"));
    (code, serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}\n{stdout}{stderr}")))
}

fn text<'a>(document: &'a Value, key: &str) -> &'a str {
    document[key]["text"].as_str().unwrap_or("")
}

#[test]
fn the_longest_repair_is_that_of_the_closed_form() {
    let (code, found) = json(SERVER, "--param failure.f.repair --range 15m..1d --until availability>=99%");
    assert_eq!((code, &found["found"]), (0, &"answer".into()), "{found}");
    assert_eq!((text(&found, "answer"), text(&found, "surely_missed")), ("2h", "3h"));
    assert_eq!(found["binding"]["conditions"][0], "availability>=0.99");
    assert_eq!((&found["binding"]["cause"], &found["binding"]["stage"]), (&"f".into(), &"repair".into()));
    // Ever so close to the limit, at 2 h 25.5 min, the two sides of the interval hold the true value between them.
    let (code, found) = json(SERVER, "--param failure.f.repair --range 2h..3h --until availability>=99% -n 1024");
    assert_eq!(code, 0);
    let number = |key: &str| found[key]["number"].as_f64().expect("a number");
    let limit = 864_000.0 / 99.0;
    assert!(number("surely_met") < limit * 1.0003 && limit < number("surely_missed"), "{found}");
    assert!(number("surely_missed") - number("surely_met") < 1_800.0, "{found}");
}

/// (120 - 30) / 0.99 = 90.9 s.
#[test]
fn the_longest_ttl_is_that_of_the_closed_form() {
    for (range, answer, next) in [("1s..1h", "90s", "2m"), ("85s..95s", "90.5s", "91s")] {
        let (code, found) = json(PAIR, &format!("--param dns.ttl --range {range} --until recovery_time.p95<=2m"));
        assert_eq!(code, 0, "{found}");
        assert_eq!((text(&found, "answer"), text(&found, "surely_missed")), (answer, next), "{range}");
        assert_eq!(found["binding"]["stage"], "propagation");
    }
}

#[test]
fn the_fewest_units_are_those_of_the_binomial_law() {
    let arguments = "--param tier.web.pool.units --range 3..12 --until availability>=99.9%";
    let (code, found) = json(GROUP, &format!("{arguments} --find smallest"));
    assert_eq!(code, 0);
    assert_eq!((text(&found, "answer"), text(&found, "surely_missed")), ("7", "6"), "{found}");
    // The largest number is the end of the range, and the limit is at the other side.
    let (code, found) = json(GROUP, arguments);
    assert_eq!((code, &found["found"], text(&found, "answer")), (0, &"reversed".into(), "12"), "{found}");
    let (_, table, _) = size(GROUP, arguments);
    assert!(table.contains("--find smallest"), "{table}");
}

/// A name server is asked 1000 / TTL times a second, at 0.4 for a million: with 90 s, 140.16 a year. A longer TTL would cost less.
#[test]
fn the_cheapest_value_is_told_by_prices() {
    let arguments = "--param dns.ttl --range 1s..1h --until recovery_time.p95<=2m --find cheapest";
    let (code, found) = json(PAIR, arguments);
    assert_eq!((code, text(&found, "answer"), &found["find"]), (0, "90s", &"cheapest".into()), "{found}");
    let points = found["points"].as_array().expect("points");
    let at = points.iter().find(|point| point["value"]["text"] == "90s").expect("it was tried");
    assert!((at["cost_per_year"].as_f64().expect("a cost") - 140.16).abs() < 1e-6, "{at}");
    let (code, stdout, stderr) = size(&PAIR.replace(", price_per_million = 0.4", ""), arguments);
    assert!(code == 2 && stdout.is_empty() && stderr.contains("table [prices]"), "{stderr}");
    let (code, _, stderr) =
        size(PAIR, "--param failure.r.mttf --range 10d..60d --until availability>=9% --find cheapest");
    assert!(code == 2 && stderr.contains("the same at both ends"), "{stderr}");
}

#[test]
fn a_key_with_two_limits_has_no_answer() {
    let key = "tier.web.load_balancer.unhealthy_threshold";
    let (code, found) = json(CHECKED, &format!("--param {key} --range 1..40 --until lost_time<=15h"));
    assert_eq!((code, &found["found"]), (3, &"not-monotone".into()), "{found}");
    assert_eq!((text(&found["contradiction"], "missed"), text(&found["contradiction"], "met")), ("1", "7"), "{found}");
    assert!(found["answer"].is_null());
}

#[test]
fn what_all_meet_none_meets_or_is_open_is_told_apart() {
    for (range, more, status, found, words) in [
        ("15m..1h", "", 0, "all", "above the range"),
        ("4h..8h", "", 1, "nothing", "What cannot be met is availability"),
        ("144m..147m", " -n 64", 3, "open", "That is open"),
    ] {
        let arguments = format!("--param failure.f.repair --range {range} --until availability>=99%{more}");
        let (code, document) = json(SERVER, &arguments);
        assert_eq!((code, &document["found"]), (status, &found.into()), "{document}");
        let (_, table, _) = size(SERVER, &arguments);
        assert!(table.replace('\n', " ").contains(words), "{table}");
    }
}

/// Both conditions hold at small values; the one that fails just beyond the answer binds.
#[test]
fn the_condition_that_binds_is_named() {
    let until = "recovery_time.p95<=2m~and~availability>=50%";
    let (code, found) = json(PAIR, &format!("--param dns.ttl --range 1s..1h --until {until}"));
    assert_eq!((code, text(&found, "answer")), (0, "90s"), "{found}");
    assert_eq!(found["binding"]["conditions"], serde_json::json!(["recovery_time.p95<=2m"]));
    // Without --until, the objectives.
    let with = format!("{PAIR}objectives = {{ recovery_time = '2m' }}\n");
    let (code, found) = json(&with, "--param dns.ttl --range 1s..1h");
    assert_eq!((code, text(&found, "answer")), (0, "90s"), "{found}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let run = |threads: &str| {
        let arguments = "--param failure.f.repair --range 2h..3h --until availability>=99% -n 512 -o json --threads";
        size(SERVER, &format!("{arguments} {threads}")).1
    };
    let one = run("1");
    assert!(!one.is_empty() && one == run("2") && one == run("5"));
}

/// What cannot be searched: status 2, nothing on stdout, and what to write instead.
#[test]
fn bad_searches_are_explained() {
    let repair = "--param failure.f.repair --range 1h..2h";
    for (arguments, words) in [
        (repair.to_owned(), &["nothing is asked", "[objectives]", "--until"][..]),
        (format!("{repair} --until availabilty>=9%"), &["did you mean availability?", "what there is: nines"]),
        (format!("{repair} --until nines=3"), &["what is to be met", "METRIC>=LIMIT"]),
        (format!("{repair} --until availability>=9%~and"), &["compares nothing"]),
        ("--param failure.f.repair --range 2h..1h --until x".to_owned(), &["from the smaller", "compares nothing"]),
        (
            "--param failure.f.scope --range 1..2 --until nines>1".to_owned(),
            &["is no number", "numbers are: tier.web.pool.units"],
        ),
        (
            "--param failure.f --range 1..2 --until nines>1".to_owned(),
            &["is a table", "failure.f.mttf, failure.f.repair"],
        ),
        (
            "--param failure.f.repare --range 1h..2h --until nines>1".to_owned(),
            &["has no key `repare`", "did you mean"],
        ),
        ("--param tier.web.pool.units --range 1s..5s --until nines>1".to_owned(), &["override:1:21", "whole number"]),
        ("--param tier.web.pool.units --range 0..3 --until nines>1".to_owned(), &["the value 0 of", "override:1:21"]),
        (format!("{repair} --until users_logged_out<5"), &["server has no users_logged_out", "[sessions]"]),
        (format!("{repair} --until nines>1 --export x.xml"), &["--export x.xml"]),
        (format!("{repair} --until nines>1 --steps 0"), &["--steps"]),
    ] {
        let (code, stdout, stderr) = size(SERVER, &arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments}: {stderr}");
        for word in words {
            assert!(stderr.contains(word), "{arguments}: {word:?} is not in\n{stderr}");
        }
    }
}

/// A shipped scenario, by its own objectives, and all ways to write the result.
#[test]
fn results_are_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = ridethrough();
    command.arg("size").arg(scenario("multi-az.toml"));
    command.args(["--param", "tier.web.auto_scaling.desired", "--range", "2..6", "--find", "smallest"]);
    for extension in ["json", "csv", "md", "txt"] {
        command.arg("--export").arg(folder.path().join(format!("found.{extension}")));
    }
    command.args(["--until", "availability>=99.99%", "--max-time", "1h"]).assert().success();
    let read =
        |extension: &str| std::fs::read_to_string(folder.path().join(format!("found.{extension}"))).expect("written");
    assert!(read("json").contains("\"answer\"") && read("txt").contains("= 4 is the smallest"));
    assert!(read("md").starts_with("### How small") && read("csv").starts_with("key,value,number,verdict,metric"));
}
