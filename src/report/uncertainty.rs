//! What is random apart from what is not known, and which unknown matters most.

use super::answer::list;
use super::csv::{header, line, written};
use super::json::{FORMAT_VERSION, estimate, number, pretty, summary as summary_json};
use super::layout::{DOUBTFUL, FAINT, GAP, NARROWEST, Page, STRONG, total_width};
use super::markdown::{self, escaped};
use super::metric::Measured;
use super::value::{Glyphs, Reading, SMALL_SAMPLE_NOTE, Unit, count, duration, grouped, percent, portion, wrap};
use crate::experiment::{Band, Swing, TORNADO, Uncertainty};
use crate::units::{Seconds, parse_duration, parse_rate};
use comfy_table::CellAlignment;
use serde_json::{Value, json};
use std::fmt::Write;

/// What is said of a result that was cut short.
const INTERRUPTED: &str = "interrupted: draws or rows of the second table are missing";
/// Head of the bands.
const BANDS: [&str; 4] = ["downtime a year", "p5", "median", "p95"];
/// Characters of a bar.
const LEAST_BAR: usize = 3;
const MOST_BAR: usize = 10;
/// Most names in a sentence.
const MOST_NAMES: usize = 3;

/// Bands and tornado for a terminal.
#[must_use]
pub fn uncertainty_terminal(found: &Uncertainty, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(found), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer(found, page.glyphs), page.width, 0));
    let mut text = format!("{title}\n\n{answer}\n\n");
    if found.interrupted {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    let left = CellAlignment::Left;
    text.push_str(&page.folded_table(&BANDS.map(str::to_owned), &[left], bands(found, page.glyphs, Reading::stacked)));
    for note in notes(found) {
        let _ = writeln!(text, "{}", page.paint_numbers(&wrap(&note, page.width, 2)));
    }
    let _ = write!(text, "\n{}", tornado(found, page));
    for note in [legend(found), provenance(found)] {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

/// What each unknown does, with a bar where there is room for one.
fn tornado(found: &Uncertainty, page: Page) -> String {
    let mut head = tornado_head().to_vec();
    let mut rows: Vec<Vec<String>> =
        found.tornado.iter().map(|swing| swing_cells(swing, page.glyphs, Reading::stacked)).collect();
    let room = page.width.saturating_sub(NARROWEST + GAP + total_width(&head, &rows, 1) + GAP);
    if room >= LEAST_BAR {
        let most = found.tornado.iter().map(size).fold(f64::MIN_POSITIVE, f64::max);
        head.push(String::new());
        for (row, swing) in rows.iter_mut().zip(&found.tornado) {
            row.push(page.bar(size(swing) / most, room.min(MOST_BAR)));
        }
    }
    let right = CellAlignment::Right;
    page.folded_table(&head, &[CellAlignment::Left, right, right, right, CellAlignment::Left], rows)
}

/// Bands and tornado for a pull request.
#[must_use]
pub fn uncertainty_markdown(found: &Uncertainty) -> String {
    let glyphs = Glyphs::UNICODE;
    let mut text = format!("### {}\n\n{}\n\n", escaped(&title(found)), escaped(&answer(found, glyphs)));
    if found.interrupted {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    text.push_str(&markdown::table(&BANDS.map(str::to_owned), &[false], &bands(found, glyphs, Reading::line)));
    for note in notes(found) {
        let _ = writeln!(text, "{}\n", escaped(&note));
    }
    let rows: Vec<Vec<String>> = found.tornado.iter().map(|swing| swing_cells(swing, glyphs, Reading::line)).collect();
    text.push_str(&markdown::table(&tornado_head(), &[false], &rows));
    let _ = writeln!(text, "<sub>{}; {}</sub>", escaped(&legend(found)), escaped(&provenance(found)));
    text
}

/// One line a number: the bands, then what each unknown does.
#[must_use]
pub fn uncertainty_csv(found: &Uncertainty) -> String {
    let mut lines = vec![header(&["architecture", "key", "value"].map(str::to_owned))];
    let mut add = |key: &str, value: &str, metric: &str, measured: Measured| {
        let about = [found.median.name.clone(), key.to_owned(), value.to_owned()];
        lines.push(line(&about, metric.to_owned(), &measured));
    };
    for (name, band) in [("random", &found.random), ("unknown", &found.unknown), ("both", &found.both)] {
        for (quantile, estimate) in band.iter().flat_map(|band| [("p5", band.p5), ("p50", band.p50), ("p95", band.p95)])
        {
            add("", "", &format!("downtime_seconds_per_year.{name}.{quantile}"), (&estimate).into());
        }
    }
    add("", "", "unknown_standard_deviation_seconds_per_year", Measured::Plain(found.spread));
    add("", "", "simulation_noise_seconds_per_year", Measured::Plain(found.noise));
    if let Some(met) = &found.objective_met {
        add("", "", "probability_objective_met", met.into());
    }
    for swing in &found.tornado {
        let (low, high) = &swing.values;
        add(&swing.key, low, "lost_seconds_per_year", (&swing.lost_seconds_per_year.0).into());
        add(&swing.key, high, "lost_seconds_per_year", (&swing.lost_seconds_per_year.1).into());
        add(&swing.key, "", "lost_seconds_per_year_difference", (&swing.difference).into());
    }
    if found.interrupted {
        add("", "", "interrupted", Measured::Plain(1.0));
    }
    written(&lines)
}

/// One JSON document; `median` has the keys of an architecture in the document of a run.
#[must_use]
pub fn uncertainty_json(found: &Uncertainty, command: Option<&str>) -> String {
    let band = |band: &Option<Band>| {
        band.map(|band| json!({ "p5": estimate(&band.p5), "p50": estimate(&band.p50), "p95": estimate(&band.p95) }))
    };
    let end = |value: &str, lost| json!({ "value": value, "lost_seconds_per_year": estimate(lost) });
    let tornado: Vec<Value> = (found.tornado.iter())
        .map(|swing| {
            json!({
                "key": swing.key,
                "low": end(&swing.values.0, &swing.lost_seconds_per_year.0),
                "high": end(&swing.values.1, &swing.lost_seconds_per_year.1),
                "lost_seconds_per_year_difference": estimate(&swing.difference),
            })
        })
        .collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(found),
        "answer": answer(found, Glyphs::UNICODE),
        "seed": found.seed,
        "level": number(found.level),
        "draws": found.draws,
        "median": summary_json(&found.median),
        "downtime_seconds_per_year": {
            "random": band(&found.random),
            "unknown": band(&found.unknown),
            "both": band(&found.both),
        },
        "unknown_standard_deviation_seconds_per_year": number(found.spread),
        "simulation_noise_seconds_per_year": number(found.noise),
        "probability_objective_met": found.objective_met.as_ref().map(estimate),
        "tornado": tornado,
        "interrupted": found.interrupted,
    }))
}

fn title(found: &Uncertainty) -> String {
    format!("How sure is the downtime of {}, given what is not known?", found.median.name)
}

/// How wide luck and ignorance each are, and which unknown to learn about.
fn answer(found: &Uncertainty, glyphs: Glyphs) -> String {
    let middle = |band: &Band| format!("{} to {}", duration(band.p5.estimate), duration(band.p95.estimate));
    let mut text = match (&found.random, &found.unknown) {
        (Some(random), Some(unknown)) => format!(
            "In 9 of 10 years downtime is {} by luck alone; what is not known moves its mean from {}.",
            middle(random),
            middle(unknown)
        ),
        _ => "There is no result.".to_owned(),
    };
    if let Some(first) = found.tornado.first().filter(|first| is_clear(first)) {
        let near = |other: &&Swing| size_bounds(other).1 >= size_bounds(first).0;
        let others: Vec<&str> = found.tornado[1..].iter().filter(near).map(|other| other.key.as_str()).collect();
        let others = match others.len() {
            0 => String::new(),
            many if many < MOST_NAMES => format!("; {} may matter as much", list(&others)),
            many => format!("; {many} others may matter as much"),
        };
        let moved = Reading::of(&first.difference, Unit::Duration, glyphs).line();
        let _ = write!(
            text,
            " Most depends on {}: {moved} a year between its 10th and 90th percentile{others}.",
            first.key
        );
    } else if !found.tornado.is_empty() {
        text.push_str(" No unknown certainly matters by itself.");
    }
    if let Some(met) = &found.objective_met {
        let met = Reading::of(met, Unit::Share, glyphs).line();
        let _ = write!(text, " The availability objective is met with a probability of {met}, over both.");
    }
    text
}

/// How far an unknown moves the loss, either way.
fn size(swing: &Swing) -> f64 {
    swing.difference.estimate.abs()
}

/// Least and largest size within the interval of a difference.
fn size_bounds(swing: &Swing) -> (f64, f64) {
    let (low, high) = (swing.difference.low, swing.difference.high);
    let least = if is_clear(swing) { low.abs().min(high.abs()) } else { 0.0 };
    (least, low.abs().max(high.abs()))
}

/// The interval of the difference leaves 0 out.
fn is_clear(swing: &Swing) -> bool {
    swing.difference.low > 0.0 || swing.difference.high < 0.0
}

fn bands(found: &Uncertainty, glyphs: Glyphs, text: fn(&Reading) -> String) -> Vec<Vec<String>> {
    let bands = [
        ("luck: of a year, inputs at medians", &found.random),
        ("ignorance: its mean, over inputs", &found.unknown),
        ("both: of a year, over inputs", &found.both),
    ];
    (bands.into_iter())
        .filter_map(|(name, band)| {
            let band = band.as_ref()?;
            let cell = |it: &_| text(&Reading::of(it, Unit::Duration, glyphs));
            Some(vec![name.to_owned(), cell(&band.p5), cell(&band.p50), cell(&band.p95)])
        })
        .collect()
}

/// How much of the spread is not ignorance.
fn notes(found: &Uncertainty) -> Vec<String> {
    let ratio = if found.spread > 0.0 { (found.noise / found.spread).min(1.0) } else { 0.0 };
    let share = ratio * ratio;
    let mut notes = vec![format!(
        "The means have a standard deviation of {}; {} of their variance is noise of the simulation.",
        duration(found.spread),
        portion(share)
    )];
    if share > 0.25 {
        notes.push("More --replications make that less.".to_owned());
    }
    notes
}

fn tornado_head() -> [String; 4] {
    ["not known", "lost a year, low", "lost a year, high", "difference"].map(str::to_owned)
}

fn swing_cells(swing: &Swing, glyphs: Glyphs, text: fn(&Reading) -> String) -> Vec<String> {
    let read = |it| Reading::of(it, Unit::Duration, glyphs);
    let (low, high) = &swing.values;
    let (at_low, at_high) = &swing.lost_seconds_per_year;
    let end = |value: &str, lost| {
        let lost = read(lost);
        text(&Reading { value: format!("{}: {}", shown(value), lost.value), ..lost })
    };
    vec![swing.key.clone(), end(low, at_low), end(high, at_high), text(&read(&swing.difference))]
}

/// A value with as many digits as a reader can use.
pub(super) fn shown(value: &str) -> String {
    if let Ok(seconds) = parse_duration(value) {
        duration(seconds.get())
    } else if value.contains('/')
        && let Ok(rate) = parse_rate(value)
    {
        format!("{}/y", count(rate.get() * Seconds::YEAR.get()))
    } else {
        // A whole number is one already.
        value.parse().ok().filter(|number: &f64| number.fract() != 0.0).map_or_else(|| value.to_owned(), count)
    }
}

fn legend(found: &Uncertainty) -> String {
    let (low, high) = TORNADO;
    format!(
        "[low, high]: {} interval; {SMALL_SAMPLE_NOTE}; low and high: at the {} and {} quantile of what is believed, all others at their medians",
        percent(found.level),
        percent(low),
        percent(high)
    )
}

fn provenance(found: &Uncertainty) -> String {
    format!(
        "ridethrough {}, seed {}, {} draws of {} replications",
        env!("CARGO_PKG_VERSION"),
        found.seed,
        grouped(found.draws as f64),
        grouped(found.median.replications as f64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn values_have_as_many_digits_as_can_be_used() {
        assert_eq!(shown("8640012.345678s"), "100d");
        assert_eq!(shown("0.00000006341958396752918/s"), "2.00/y");
        assert_eq!(shown("0.9525123456"), "0.953");
        assert_eq!(shown("5"), "5");
    }

    #[test]
    fn the_answer_names_the_unknown_that_matters() {
        let text = answer(&sample::uncertainty(), Glyphs::UNICODE);
        assert!(text.starts_with(
            "In 9 of 10 years downtime is 30m to 2h by luck alone; what is not known moves its mean from 40m to 3h."
        ));
        assert!(text.contains("Most depends on failure.zone.mttf: -1h 10m"), "{text}");
        assert!(!text.contains("may matter as much"), "{text}");
        let mut vague = sample::uncertainty();
        vague.tornado[0].difference.high = 600.0;
        let text = answer(&vague, Glyphs::UNICODE);
        assert!(text.contains("No unknown certainly matters"), "{text}");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for width in [80, 100, 120] {
            for line in uncertainty_terminal(&sample::uncertainty(), width, false, false).lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
        assert!(uncertainty_terminal(&sample::uncertainty(), 80, true, true).is_ascii());
    }
}
