//! The story of an incident is that of the history that was simulated, and its times are those of the mechanisms.

use crate::design::Place::{EachNode, EachUnit, WholeTier};
use crate::design::{DAY, HOUR, YEAR, copy, database, exponential, fixed, pool, world};
use ridethrough::experiment::{ExplainError, Options, Which, explain};
use ridethrough::scenario::load;
use ridethrough::simulation::{Plan, Replica};
use std::path::Path;

/// Whatever the design: the incident lasts as long as in the run, and what is lost in all stages of a history with one incident, and nothing
/// lost outside of it, is what the run charged.
#[test]
fn a_story_is_what_was_simulated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let options = Options { replications: 20, ..Options::default() };
    let mut told = 0;
    for name in ["single-az.toml", "multi-az.toml", "multi-region.toml", "lesson.toml"] {
        let design = load(&[folder.join(name)]).expect("sound").designs.remove(0);
        let plan = Plan::new(&design).expect("sound");
        let mut replica = Replica::new(&plan);
        for replication in 0..options.replications {
            let outcome = replica.run(&plan, 1, replication);
            let lost: f64 = outcome.lost.iter().flatten().sum();
            let incidents = outcome.incidents.to_vec();
            let mut within = 0.0;
            for (index, incident) in incidents.iter().enumerate().take(40) {
                let which = Which::Exactly { replication, incident: index + 1 };
                let story = explain(&design, which, &options).expect("an incident");
                assert_eq!(story.recovery_time, incident.end - incident.start, "{name} {replication} {index}");
                let last = story.beats.last().expect("a moment");
                let ends = (story.beats[0].after_seconds, last.after_seconds - story.recovery_time);
                assert!(ends.0 >= -1e-6 && ends.1 <= 1e-6, "{name} {replication} {index}: {ends:?}");
                let down = |served: f64| served < design.up_threshold.get() + 1e-9;
                assert!(down(story.beats[0].served), "{name} {replication} {index}: {}", story.beats[0].served);
                within += story.lost();
                told += 1;
            }
            // In maintenance that is excluded nothing is charged.
            assert!(within <= lost * (1.0 + 1e-9) + 1e-6, "{name} {replication}: {within} of {lost}");
        }
    }
    assert!(told > 1_000, "{told}");
}

/// Noticed after 30 s, promoted within 60 s: three moments, at which the database says what it is doing.
#[test]
fn a_failover_step_by_step() {
    let standby = copy("b").decided_in(fixed(5.0)).promoted_in(fixed(60.0));
    let part = database("d", "a").noticed_after(fixed(30.0)).rebuilt_in(fixed(600.0)).standby(standby);
    let pair = world(YEAR).region("r", &["a", "b"]).database(part);
    let design = pair.fails("node", EachNode("d"), exponential(100.0 * DAY), fixed(HOUR)).build();
    let options = Options { replications: 50, ..Options::default() };
    let story = explain(&design, Which::Median, &options).expect("incidents");
    assert!((story.recovery_time - 95.0).abs() < 1e-6, "{}", story.recovery_time);
    assert_eq!(story.causes, ["node"]);
    let stages = [30.0, 5.0, 60.0, 0.0, 0.0];
    assert!(story.stages.iter().zip(stages).all(|(told, exact)| (told - exact).abs() < 1e-6), "{:?}", story.stages);
    let moments: Vec<(f64, Option<&str>)> =
        story.beats.iter().map(|beat| (beat.after_seconds.round(), beat.stage)).collect();
    let expected = [(0.0, Some("detection")), (30.0, Some("decision")), (35.0, Some("action")), (95.0, None)];
    assert_eq!(moments, expected);
    let said: Vec<&str> = story.beats.iter().flat_map(|beat| &beat.changes).map(|change| change.now.as_str()).collect();
    let expected = [
        "the primary is down, which nothing has noticed",
        "noticed; a failover is being decided",
        "the standby is being promoted",
        "served by the standby",
    ];
    // Roles may have been changed by an earlier failover.
    let roles = |words: &str| words.replace("primary", "node").replace("standby", "node");
    assert_eq!(said.iter().map(|it| roles(it)).collect::<Vec<_>>(), expected.map(roles));
    assert!(story.remedies[0].starts_with("action took 63 %"), "{}", story.remedies[0]);
}

/// The clock of incidents begins anew after the warm-up, and stands still in windows that are excluded: one of an hour each day, from noon on.
/// A unit fails once, so that what is told of it is an outage of 7 h less the hour that is excluded.
#[test]
fn a_story_around_what_does_not_count() {
    let one = world(10.0 * DAY).region("r", &["a"]).tier(pool("t", 1)).warming_up(5.5 * DAY);
    let one = one.maintained_every(DAY, WholeTier("t", "r"), 12.0 * HOUR, HOUR, true);
    let design = one.fails("f", EachUnit("t"), fixed(7.0 * DAY + 9.0 * HOUR), fixed(7.0 * HOUR)).build();
    let options = Options { replications: 2, ..Options::default() };
    let story = explain(&design, Which::Exactly { replication: 1, incident: 1 }, &options).expect("an incident");
    assert_eq!(story.causes, ["f"]);
    assert!((story.recovery_time - 6.0 * HOUR).abs() < 1e-6, "{}", story.recovery_time);
    assert!((story.lost() - 6.0 * HOUR).abs() < 1e-6, "{}", story.lost());
    assert!(story.beats.iter().all(|beat| (-1e-6..=6.0 * HOUR + 1e-6).contains(&beat.after_seconds)));
    assert_eq!(story.beats.last().map(|beat| beat.served), Some(1.0));
}

#[test]
fn nothing_to_explain() {
    let quiet = world(YEAR).region("r", &["a"]).database(database("d", "a")).build();
    let options = Options { replications: 10, ..Options::default() };
    assert_eq!(explain(&quiet, Which::Worst, &options), Err(ExplainError::NoIncident { replications: 10 }));
    let third = Which::Exactly { replication: 4, incident: 3 };
    let error = ExplainError::NotSoMany { replication: 4, incidents: 0, asked: 3 };
    assert_eq!(explain(&quiet, third, &options), Err(error));
}
