//! A run as it goes on, in lines for a terminal: what is known so far, how that came to be, and what is left. The lines are a function of numbers; the clock
//! and the terminal are somebody else's.

use super::layout::{FAINT, GAP, Page, width};
use super::value::{Reading, Unit, count, grouped, percent};
use crate::experiment::{Known, Part, Progress, expected_end};
use crate::statistics::Estimate;
use crate::units::Seconds;
use std::time::Duration;

/// Architectures that have a line of their own, at most.
const MOST_LINES: usize = 12;
/// Lines beside those: their head, the number of others, what is done, what the head means.
const OTHER_LINES: usize = 4;
/// Columns of a course.
const COURSE: usize = 12;
/// Half widths that a course remembers, at most.
const REMEMBERED: usize = 4 * COURSE;
/// A course is drawn over at least this factor, so that a small gain does not look like a large one.
const LEAST_RANGE: f64 = 8.0;
/// Most columns of the bar, and fewest that still say something.
const BAR: (usize, usize) = (30, 6);

/// When a run is to end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Until {
    /// Its number of things says when.
    pub counted: bool,
    /// It ends when every half width is this share of the unavailability, or less.
    pub precision: Option<f64>,
    /// It ends after this time.
    pub max_time: Option<Duration>,
}

/// A run that is not over.
#[derive(Clone, Copy)]
pub struct Running<'a> {
    /// Where it stands.
    pub progress: Progress<'a>,
    /// What is counted, e.g. replications.
    pub things: &'a str,
    /// When it is to end.
    pub until: Until,
    /// Since it began.
    pub elapsed: Duration,
    /// Since what is counted began to be counted.
    pub counting: Duration,
    /// What is known of each architecture.
    pub known: &'a [Known],
    /// How each of them became known.
    pub courses: &'a [Course],
}

/// How half of an interval came down: few points, evenly spread over the time, however long it takes.
#[derive(Debug, Clone, Default)]
pub struct Course {
    kept: Vec<f64>,
    /// One of so many is kept.
    every: usize,
    /// Since the last one that was.
    passed: usize,
    last: Option<f64>,
}

impl Course {
    /// Takes in what is known now.
    pub fn push(&mut self, unavailability: &Estimate) {
        let Some(half_width) = unavailability.relative_half_width().filter(|it| *it > 0.0) else { return };
        self.last = Some(half_width);
        self.passed += 1;
        if self.passed < self.every {
            return;
        }
        self.passed = 0;
        self.kept.push(half_width);
        if self.kept.len() == REMEMBERED {
            let mut place = 0;
            self.kept.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.every = 2 * self.every.max(1);
        }
    }

    /// As columns over the logarithm of what was seen; the lowest is what is asked for, if something is.
    fn drawn(&self, asked: Option<f64>, page: Page) -> String {
        let mut points = self.kept.clone();
        // The last point is where it stands.
        if let (Some(last), true) = (self.last, self.passed > 0) {
            points.push(last);
        }
        let size = points.len().min(COURSE);
        if size < 2 {
            return String::new();
        }
        let most = points.iter().copied().fold(0.0, f64::max);
        let seen = points.iter().copied().fold(f64::INFINITY, f64::min);
        let least = seen.min(asked.unwrap_or(most / LEAST_RANGE));
        let range = libm::log(most / least);
        let lowest = 1.0 / (page.glyphs.columns.len() - 1) as f64;
        let height = |point: f64| {
            let share = if range > 0.0 { libm::log(point / least) / range } else { 0.0 };
            page.column(lowest + (1.0 - lowest) * share)
        };
        (0..size).map(|column| height(points[column * (points.len() - 1) / (size - 1)])).collect()
    }
}

/// A run that is not over, in at most `height` lines of at most `width` characters. ANSI styles only if `colour`, characters beyond ASCII (but for
/// names) only unless `ascii`.
#[must_use]
pub fn live(it: &Running, width: usize, height: usize, colour: bool, ascii: bool) -> String {
    let page = Page { width, ..Page::new(width, colour, ascii) };
    let mut lines = Vec::new();
    if let Some(first) = it.known.first() {
        lines.extend(architectures(it, height, page));
        lines.push(page.cut(&bottom(it, page), width));
        let of = percent(first.unavailability.level);
        let meaning =
            format!("{of} intervals so far; {}: half of one, as a share of the unavailability", page.glyphs.plus_minus);
        lines.push(page.paint(&page.cut(&meaning, width), FAINT));
    } else {
        lines.push(page.cut(&bottom(it, page), width));
    }
    lines.join("\n")
}

/// A line for each architecture, as far as there is room.
fn architectures(it: &Running, height: usize, page: Page) -> Vec<String> {
    let shown = it.known.len().min(MOST_LINES).min(height.saturating_sub(OTHER_LINES)).max(1);
    let asked = it.until.precision;
    let head = [
        String::new(),
        "availability so far".to_owned(),
        page.glyphs.plus_minus.to_owned(),
        asked.map_or_else(String::new, |asked| format!("asked: {}", share(asked))),
    ];
    let courses = it.courses.iter().map(Some).chain(std::iter::repeat(None));
    let rows = (it.known.iter().zip(courses).take(shown)).map(|(known, course)| {
        [
            known.name.replace(char::is_control, " "),
            Reading::of(&known.unavailability, Unit::Served, page.glyphs).line(),
            known.unavailability.relative_half_width().map_or_else(|| "-".to_owned(), share),
            course.map_or_else(String::new, |course| course.drawn(asked, page)),
        ]
    });
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2), COURSE.max(widest(3))];
    // Names are cut before anything is left out, and then the course goes first.
    let least = widths[0].min(COURSE);
    let fits = |columns: usize| least + widths[1..columns].iter().map(|it| it + GAP).sum::<usize>() <= page.width;
    let columns = [4, 3].into_iter().find(|columns| fits(*columns)).unwrap_or(2);
    let others: usize = widths[1..columns].iter().map(|it| it + GAP).sum();
    let names = widths[0].min(page.width.saturating_sub(others)).max(least);
    let mut lines: Vec<String> = (rows.iter().enumerate())
        .map(|(place, row)| {
            let mut line = format!("{:<names$}", page.cut(&row[0], names));
            for column in 1..columns {
                line.push_str(&format!("{:GAP$}{:<width$}", "", row[column], width = widths[column]));
            }
            let line = page.cut(line.trim_end(), page.width);
            if place == 0 { page.paint(&line, FAINT) } else { page.paint_numbers(&line) }
        })
        .collect();
    if shown < it.known.len() {
        lines.push(page.paint(&format!("and {} more", it.known.len() - shown), FAINT));
    }
    lines
}

/// What is left of a run (s).
enum Left {
    /// If it goes on as it does.
    Time(f64),
    /// At most.
    AtMost(f64),
    /// Until this look, if half widths go on falling as they do.
    Look(f64, u64),
    Unknown,
}

/// A number says when it ends; histories that branch are as many as it takes.
fn counts(it: &Running) -> bool {
    it.until.counted && !matches!(it.progress.part, Some(Part::Rare(_)))
}

fn left(it: &Running) -> Left {
    let Progress { done, total, part, .. } = it.progress;
    let counting = it.counting.as_secs_f64();
    let until = |number: u64| counting * (number as f64 / done.max(1) as f64 - 1.0).max(0.0);
    // A round is not the last one.
    let counted = (total > 0 && !matches!(part, Some(Part::Round(..)))).then(|| until(total));
    if counts(it) {
        return counted.map_or(Left::Unknown, Left::Time);
    }
    let time = it.until.max_time.map(|limit| limit.saturating_sub(it.elapsed).as_secs_f64());
    let look = it.until.precision.and_then(|precision| expected_end(done, it.known, precision));
    let bound = [counted, time].into_iter().flatten().reduce(f64::min);
    match (look.filter(|_| !it.known.is_empty()), bound) {
        (Some(look), bound) if bound.is_none_or(|bound| until(look) < bound) => Left::Look(until(look), look),
        // Without a look in sight the number is only there for what never ends.
        (look, Some(bound)) if look.is_some() || time.is_some() => Left::AtMost(bound),
        _ => Left::Unknown,
    }
}

/// A bar, what is done, how fast, and what is left.
fn bottom(it: &Running, page: Page) -> String {
    let Progress { done, total, part, .. } = it.progress;
    let written = |seconds: f64| Seconds(seconds.round()).to_string();
    let elapsed = it.elapsed.as_secs_f64();
    let left = left(it);
    let (reached, end) = match left {
        Left::Time(left) => (Some(done as f64 / total.max(1) as f64), format!("{} left", written(left))),
        Left::AtMost(left) => (Some(elapsed / (elapsed + left)), format!("at most {} left", written(left))),
        Left::Look(left, look) => (
            Some(elapsed / (elapsed + left)),
            format!("estimate: {} left, to the look at {}", written(left), grouped(look as f64)),
        ),
        Left::Unknown => (None, format!("{} so far", written(elapsed))),
    };
    let (part, things) = match part {
        None => (String::new(), it.things),
        Some(Part::Point(number, of)) => (format!("point {number} of {of}: "), it.things),
        Some(Part::Extremes) => ("least and most lost, as a pair: ".to_owned(), it.things),
        Some(Part::Value(number, of)) => (format!("value {number} of at most {of}: "), it.things),
        Some(Part::Round(number, of)) => (format!("round {number} of {of}: "), it.things),
        Some(Part::Rare(name)) => (format!("rare events of {name}: "), "histories that branch"),
    };
    let number = match total > 0 && (counts(it) || matches!(it.progress.part, Some(Part::Round(..)))) {
        true => format!("{} of {}", grouped(done as f64), grouped(total as f64)),
        false => grouped(done as f64),
    };
    let rate = count(done as f64 / it.counting.as_secs_f64().max(1e-3));
    let text = format!("{part}{number} {things}  {rate}/s  {end}");
    let room = page.width.saturating_sub(width(&text) + GAP).min(BAR.0);
    match reached.filter(|_| room >= BAR.1) {
        None => text,
        Some(reached) => {
            let bar = page.bar(reached, room);
            let rest = page.glyphs.rule.to_string().repeat(room.saturating_sub(width(&bar)));
            format!("{bar}{rest}{:GAP$}{text}", "")
        }
    }
}

/// Half of an interval as a share of what it is about, with two digits.
fn share(half_width: f64) -> String {
    if half_width < 0.995 { percent(half_width) } else { format!("{:.0} %", 100.0 * half_width) }
}

#[cfg(test)]
mod tests;
