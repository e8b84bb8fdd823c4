//! Lost time by root cause of all architectures side by side, in time and as shares.

use super::super::at::At;
use super::super::figure::{Figure, only};
use super::ROW;
use crate::report::axis::{Axis, linear_duration_ticks, share_ticks};
use crate::report::csv::number;
use crate::report::picture::{Frame, NARROW, Picture, fit, width};
use crate::report::value::{Glyphs, Reading, Unit, duration};

/// Causes with a filling of their own.
const FILLINGS: usize = 8;
const OTHER: &str = "all other causes";

/// An architecture: its name, what each of the causes loses, then all others (s a year), and the total.
struct Stack<'a> {
    name: &'a str,
    parts: Vec<f64>,
    total: At<'a>,
}

pub(super) fn figure<'a>(architectures: &[At<'a>]) -> Figure<'a> {
    let causes = largest(architectures);
    let stacks: Vec<Stack> = architectures.iter().map(|it| stack(it, &causes)).collect();
    let mut key: Vec<(String, String)> =
        causes.iter().enumerate().map(|(place, cause)| (format!("cause c{place}"), (*cause).to_owned())).collect();
    if stacks.iter().any(|stack| stack.parts[causes.len()] > 0.0) {
        key.push((format!("cause c{FILLINGS}"), OTHER.to_owned()));
    }
    let data = data(architectures);
    Figure {
        key,
        pictures: only(move |width| draw(&stacks, &causes, width)),
        data,
        ..Figure::new(
            "lost-time-by-cause",
            "Lost time by root cause: what to fix first",
            "Time lost a year with the interval of the total, and the same as shares of each architecture's own loss.",
        )
    }
}

/// The causes that lose most over all architectures, each measured by its largest share so that a cause that matters only to a good
/// architecture is not hidden by the losses of a bad one.
fn largest<'a>(architectures: &[At<'a>]) -> Vec<&'a str> {
    let mut causes: Vec<(&str, f64)> = Vec::new();
    for at in architectures.iter().flat_map(|it| it.key("attribution").items()) {
        let (cause, share) = (at.key("cause").text(), at.key("share").number().unwrap_or(0.0));
        match causes.iter_mut().find(|(name, _)| *name == cause) {
            Some((_, most)) => *most = most.max(share),
            None => causes.push((cause, share)),
        }
    }
    causes.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    causes.truncate(FILLINGS);
    causes.into_iter().map(|(name, _)| name).collect()
}

fn stack<'a>(architecture: &At<'a>, causes: &[&str]) -> Stack<'a> {
    let mut parts = vec![0.0; causes.len() + 1];
    for at in architecture.key("attribution").items() {
        let place = causes.iter().position(|name| *name == at.key("cause").text()).unwrap_or(causes.len());
        parts[place] += at.path("lost_seconds_per_year.estimate").number().unwrap_or(0.0).max(0.0);
    }
    Stack { name: architecture.key("name").text(), parts, total: architecture.key("lost_seconds_per_year") }
}

fn data(architectures: &[At]) -> Vec<Vec<String>> {
    let head = ["architecture", "cause", "lost_minutes_per_year", "low", "high", "share"].map(str::to_owned).to_vec();
    let lines = architectures.iter().flat_map(|architecture| {
        let name = architecture.key("name").text();
        let causes = architecture.key("attribution").items();
        causes.into_iter().map(move |at| {
            let lost = at.key("lost_seconds_per_year");
            let minutes =
                ["estimate", "low", "high"].map(|key| lost.key(key).number().map(|seconds| number(seconds / 60.0)));
            let about = [name.to_owned(), at.key("cause").text().to_owned()].into_iter();
            about.chain(minutes.map(Option::unwrap_or_default)).chain([at.key("share").exact()]).collect()
        })
    });
    std::iter::once(head).chain(lines).collect()
}

fn draw(stacks: &[Stack], causes: &[&str], across: f64) -> Picture {
    let narrow = across <= NARROW;
    let row = if narrow { 2.0 * ROW + 14.0 } else { ROW + 32.0 };
    let bottom = 6.0 + row * stacks.len() as f64;
    // On a narrow screen, shares stand below times.
    let mut picture = Picture::new(across, bottom + 50.0 + if narrow { bottom + 44.0 } else { 0.0 });
    let names = stacks.iter().map(|stack| width(stack.name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 180.0) + 14.0 };
    let right = across - 18.0;
    let split = if narrow { right } else { left + (right - left) * 0.54 };
    let time = Frame { left, right: split, top: 6.0, bottom };
    let share = match narrow {
        true => Frame { top: bottom + 50.0, bottom: 2.0 * bottom + 44.0, ..time },
        false => Frame { left: split + 48.0, right, ..time },
    };
    let most = stacks.iter().filter_map(|stack| stack.total.estimate());
    let most = most.map(|it| if it.high.is_finite() { it.high } else { it.estimate }).fold(0.0, f64::max);
    let (most, ticks) = linear_duration_ticks(most);
    let times = Axis::linear((0.0, most), (time.left, time.right));
    let shares = Axis::linear((0.0, 1.0), (share.left, share.right));
    picture.x_axis(time, &times, &ticks, "lost time a year, weighted by requests");
    picture.x_axis(share, &shares, &share_ticks(), "share of the loss");
    for (place, stack) in stacks.iter().enumerate() {
        let top = time.top + row * place as f64;
        let y = top + row - 26.0;
        if narrow {
            for frame in [time, share] {
                let top = frame.top + row * place as f64;
                picture.text("s label", (left, top + 10.0), &fit(stack.name, across - 16.0));
            }
        } else {
            picture.text("e label", (left - 10.0, y + 8.0), &fit(stack.name, left - 14.0));
        }
        let total: f64 = stack.parts.iter().sum();
        bar(&mut picture, stack, causes, &times, (1.0, y));
        if total > 0.0 {
            bar(&mut picture, stack, causes, &shares, (1.0 / total, share.top + row * place as f64 + row - 26.0));
        }
        if let Some(lost) = stack.total.estimate() {
            let reading = Reading::of(&lost, Unit::Duration, Glyphs::UNICODE).line();
            let told = format!("{}: {reading} a year", stack.name);
            picture.datum(&told, stack.total.key("estimate").address(), |picture| {
                picture.group("part", &told, |picture| {
                    picture.whisker((times.at(lost.low), y + 8.0), (times.at(lost.high), y + 8.0));
                });
                // Above the bar, where no bar, however long, is in its way.
                picture.text("s value", (left + 2.0, y - 9.0), &reading);
            });
        }
    }
    picture
}

/// The parts of one bar side by side, and the names of those that have room for one.
fn bar(picture: &mut Picture, stack: &Stack, causes: &[&str], axis: &Axis, (factor, top): (f64, f64)) {
    let mut sum = 0.0;
    for (place, part) in stack.parts.iter().enumerate().filter(|(_, part)| **part > 0.0) {
        let from = axis.at(sum * factor);
        sum += part;
        let to = axis.at(sum * factor);
        let (filling, cause) = if place == causes.len() { (FILLINGS, OTHER) } else { (place, causes[place]) };
        picture.group("part", &format!("{}, {cause}: {} a year", stack.name, duration(*part)), |picture| {
            picture.rect(&format!("cause c{filling}"), (from, top), (to - from, 16.0));
            if width(cause) + 6.0 <= to - from {
                let class = if [0, 7].contains(&filling) { "m inside" } else { "m inside dark" };
                picture.text(class, (f64::midpoint(from, to), top + 8.0), cause);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, sample};
    use serde_json::Value;

    #[test]
    fn bars_sum_to_the_attribution() {
        let document: Value = serde_json::from_str(&json(&sample::study(), None)).expect("JSON");
        let architectures = At::document(&document, 0).key("architectures").items();
        let causes = largest(&architectures);
        assert_eq!(causes[0], "zone outage");
        for causes in [&causes[..], &causes[..2]] {
            let sum: f64 = stack(&architectures[0], causes).parts.iter().sum();
            assert!((sum - 160_000.0).abs() < 1e-6, "the rest is in the last part");
        }
    }
}
