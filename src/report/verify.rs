//! The exact answer beside the simulation, as text and JSON.

use super::by_hand;
use super::json::{FORMAT_VERSION, number, pretty};
use super::value::{scientific, wrap};
use crate::exact::Obstacle;
use crate::statistics::Estimate;
use crate::study::{BOUND, Claim, Simpler, Verification, Verified, VerifiedPart};
use serde_json::{Value, json};
use std::fmt::Write;

/// Obstacles that are listed at most.
const MOST_LISTED: usize = 5;

/// What `verify` prints for people.
#[must_use]
pub fn verify_text(verifications: &[Verification], width: usize) -> String {
    let mut text = String::new();
    for it in verifications {
        if !text.is_empty() {
            text.push('\n');
        }
        let paragraph = |sentence: &str| indented(sentence, width, 2);
        match &it.exact {
            Some(verified) => {
                let verdict = if verified.agrees() { "agrees with" } else { "DISAGREES with" };
                let _ = writeln!(text, "{}: the simulation {verdict} the exact answer\n", it.name);
                text.push_str(&beside(verified, width));
            }
            None => {
                let _ = writeln!(text, "{}: no exact answer is worked out\n", it.name);
                let _ = writeln!(text, "{}", paragraph("In the way:"));
                text.push_str(&listed(&it.obstacles, width));
                let variant = match &it.simpler {
                    Some(simpler) => variant(simpler, &it.simulated, width),
                    None => {
                        let head = paragraph("With exponential laws there still is none:");
                        format!("{head}\n{}", listed(&it.still, width))
                    }
                };
                let _ = write!(text, "\n{variant}");
                text.push_str(&parts(&it.parts, width));
            }
        }
        let _ = writeln!(text, "\n{}", paragraph(&by_hand::beside(&it.by_hand, it.simulated.estimate)));
        let _ = writeln!(
            text,
            "{}",
            paragraph(&format!(
                "seed {}, {} histories; {}; the bound on z is {BOUND}",
                it.seed,
                it.replications,
                by_hand::interval_note(it.simulated.level)
            ))
        );
    }
    text
}

/// Where the design has no exact answer, that of something like it.
fn variant(simpler: &Simpler, simulated: &Estimate, width: usize) -> String {
    let head = indented("NOT this design, but a simpler variant of it has an exact answer:", width, 2);
    let ratio = simpler.exact.claims.first().map_or(f64::NAN, |claim| simulated.estimate / claim.exact);
    let seen = format!(
        "the design itself, simulated: unavailability {} [{}, {}], {ratio:.3} times the exact value of the variant",
        scientific(simulated.estimate),
        scientific(simulated.low),
        scientific(simulated.high)
    );
    let (changes, exact) = (listed(&simpler.changes, width), beside(&simpler.exact, width));
    format!("{head}\n{changes}\n{exact}\n{}\n", indented(&seen, width, 2))
}

/// Parts of the design: a line for each exact answer, then how it was found.
fn parts(parts: &[VerifiedPart], width: usize) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let head = "Parts of it, each by itself with all requests: unavailability of what they ask for";
    let mut text = format!("\n{}\n\n", indented(head, width, 2));
    let column = parts.iter().map(|part| part.name.chars().count()).max().unwrap_or(0).max(24);
    let _ = writeln!(text, "  {:<column$} {:>14} {:>14} {:>28} {:>7}", "", "exact", "simulated", "[low, high]", "z");
    for (part, exact) in parts.iter().filter_map(|part| Some((part, part.exact.as_ref()?))) {
        exact.claims.iter().take(1).for_each(|claim| text.push_str(&row(&part.name, column, claim)));
    }
    for part in parts {
        let keys = |obstacles: &[Obstacle]| {
            let mut keys: Vec<&str> = obstacles.iter().map(|obstacle| obstacle.key.as_str()).collect();
            keys.dedup();
            keys.join(", ")
        };
        let mut notes = vec![match &part.exact {
            Some(verified) => format!("{}; simulated: {}", verified.answer.method, verified.history),
            None => format!("no exact answer: {}", keys(&part.obstacles)),
        }];
        if !part.set_aside.is_empty() {
            notes.push(format!("set aside: {}", keys(&part.set_aside)));
        }
        if !part.changes.is_empty() {
            notes.push(format!("made exponential, or taken as no time: {}", keys(&part.changes)));
        }
        let _ = writeln!(text, "{}", indented(&format!("- {}: {}", part.name, notes.join("; ")), width, 4));
    }
    text
}

/// A metric, exact and simulated.
fn row(name: &str, column: usize, claim: &Claim) -> String {
    let z = claim.z.map_or_else(|| "few".to_owned(), |z| format!("{z:+.2}"));
    let Estimate { estimate, low, high, .. } = claim.simulated;
    let interval = format!("[{}, {}]", scientific(low), scientific(high));
    let (exact, seen) = (scientific(claim.exact), scientific(estimate));
    format!("  {name:<column$} {exact:>14} {seen:>14} {interval:>28} {z:>7}\n")
}

/// Wrapped, all lines from this column.
fn indented(text: &str, width: usize, indent: usize) -> String {
    format!("{:indent$}{}", "", wrap(text, width.saturating_sub(indent), indent))
}

fn listed(obstacles: &[Obstacle], width: usize) -> String {
    let mut text = String::new();
    for obstacle in obstacles.iter().take(MOST_LISTED) {
        let _ = writeln!(text, "{}", indented(&format!("- {}: {}", obstacle.key, obstacle.reason), width, 4));
    }
    if obstacles.len() > MOST_LISTED {
        let _ = writeln!(text, "    - and {} more", obstacles.len() - MOST_LISTED);
    }
    text
}

fn beside(verified: &Verified, width: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "  {:<24} {:>14} {:>14} {:>28} {:>7}", "", "exact", "simulated", "[low, high]", "z");
    verified.claims.iter().for_each(|claim| text.push_str(&row(claim.metric, 24, claim)));
    let answer = &verified.answer;
    let long_run = &answer.stationary;
    let recovery = long_run
        .recovery_time_seconds
        .map_or_else(String::new, |seconds| format!(", mean recovery time {}", super::value::duration(seconds)));
    let notes = [
        format!("simulated: {}", verified.history),
        format!(
            "long run: unavailability {} of requests, {} of time, {} incidents a year{recovery}",
            scientific(long_run.unavailability_request),
            scientific(long_run.unavailability_time),
            scientific(long_run.incidents_per_year)
        ),
        format!("method: {}; error below {}", answer.method, scientific(answer.error_bound.max(1e-12))),
        format!("assumed: {}", answer.assumptions.join("; ")),
    ];
    for note in notes {
        let _ = writeln!(text, "{}", indented(&note, width, 2));
    }
    text
}

/// What `verify` prints for programs.
#[must_use]
pub fn verify_json(verifications: &[Verification]) -> String {
    let estimate = |it: &Estimate| json!(it);
    let verified = |it: &Verified| {
        json!({
            "agrees": it.agrees(),
            "simulated": it.history,
            "answer": it.answer,
            "metrics": it.claims.iter().map(|claim| json!({
                "metric": claim.metric,
                "exact": number(claim.exact),
                "simulated": estimate(&claim.simulated),
                "z": claim.z.map(number),
            })).collect::<Vec<Value>>(),
        })
    };
    let architectures: Vec<Value> = verifications
        .iter()
        .map(|it| {
            json!({
                "name": it.name,
                "replications": it.replications,
                "exact": it.exact.as_ref().map(verified),
                "obstacles": it.obstacles,
                "simpler_variant": it.simpler.as_ref().map(|simpler| json!({
                    "changes": simpler.changes,
                    "exact": verified(&simpler.exact),
                })),
                "obstacles_to_a_simpler_variant": it.still,
                "parts": it.parts.iter().map(|part| json!({
                    "name": part.name,
                    "set_aside": part.set_aside,
                    "changes": part.changes,
                    "exact": part.exact.as_ref().map(verified),
                    "obstacles": part.obstacles,
                })).collect::<Vec<Value>>(),
                "unavailability_request": estimate(&it.simulated),
                "by_hand": hand(&it.by_hand, it.simulated.estimate),
            })
        })
        .collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "seed": verifications.first().map(|it| it.seed),
        "bound": BOUND,
        "architectures": architectures,
    }))
}

/// The estimate by hand as a value.
pub(super) fn hand(by_hand: &crate::exact::ByHand, simulated: f64) -> Value {
    json!({
        "availability": number(1.0 - by_hand.unavailability),
        "unavailability": number(by_hand.unavailability),
        "simulated_over_by_hand": number(simulated / by_hand.unavailability),
        "ignores": by_hand.ignores,
    })
}
