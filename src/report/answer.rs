//! The one sentence that answers the question, made only of what the intervals support.

use super::metric::{overall, word};
use super::value::{Glyphs, Reading, Unit, duration};
use crate::statistics::Estimate;
use crate::study::{Judgement, Study, Summary, Verdict, Warning};

/// The question that all architectures answer, or what is asked in its place.
pub(super) fn question(study: &Study) -> String {
    let mut stated = study.architectures.iter().map(|summary| &summary.question);
    let shared = stated.next().and_then(|first| first.clone().filter(|_| stated.all(|other| other == first)));
    shared.unwrap_or_else(|| match study.architectures.as_slice() {
        [] => "Nothing was simulated".to_owned(),
        [only] => format!("How available is {}?", only.name),
        several => format!("Which of {} architectures loses least?", several.len()),
    })
}

/// Answers in a sentence or two.
pub(super) fn answer(study: &Study, glyphs: Glyphs) -> String {
    let Some(best) = least_loss(&study.architectures) else {
        return "There is no result.".to_owned();
    };
    let mut sentences = vec![if study.architectures.len() == 1 {
        format!("{} has {}{}.", best.name, nines_phrase(best, glyphs), loss_phrase(best, glyphs))
    } else {
        ranking(study, best, glyphs)
    }];
    if let Some(judgement) = judgements(study) {
        sentences.push(judgement);
    }
    sentences.join(" ")
}

/// The architecture with the lowest estimate of lost time; at a tie the one asked for first.
pub(super) fn least_loss(summaries: &[Summary]) -> Option<&Summary> {
    summaries.iter().reduce(|best, other| {
        if other.lost_seconds_per_year.estimate < best.lost_seconds_per_year.estimate { other } else { best }
    })
}

/// "4.10 nines [3.98, 4.24]" or "at least 5.21 nines (no loss in 10,000 years, 95 %)".
pub(super) fn nines_phrase(summary: &Summary, glyphs: Glyphs) -> String {
    let nines = &summary.nines;
    if nines.estimate.is_none() {
        return format!(
            "at least {:.2} nines (no loss in {} years, {})",
            nines.low,
            years(summary.simulated_years),
            super::value::percent(nines.level)
        );
    }
    let reading = Reading::of_nines(nines, glyphs);
    format!("{} nines{}", reading.value, reading.interval.map(|text| format!(" {text}")).unwrap_or_default())
}

fn loss_phrase(summary: &Summary, glyphs: Glyphs) -> String {
    if summary.nines.estimate.is_none() {
        return String::new();
    }
    format!(" and loses {} a year", Reading::of(&summary.lost_seconds_per_year, Unit::Duration, glyphs).line())
}

/// Who loses least, and by how much, as far as the paired differences tell.
fn ranking(study: &Study, best: &Summary, glyphs: Glyphs) -> String {
    let (mut behind, mut tied, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for other in study.architectures.iter().filter(|other| !std::ptr::eq(*other, best)) {
        match loses_more(study, &other.name, &best.name) {
            Some((Verdict::Worse, difference)) => behind.push((other.name.as_str(), difference)),
            Some(_) => tied.push(other.name.as_str()),
            None => unknown.push(other.name.as_str()),
        }
    }
    behind.sort_by(|left, right| left.1.estimate.total_cmp(&right.1.estimate));
    let nines = nines_phrase(best, glyphs);
    let mut text = if tied.is_empty() && unknown.is_empty() {
        format!("{} loses least: {nines}.", best.name)
    } else if !tied.is_empty() {
        format!("{} and {} cannot be told apart; {} has {nines}.", best.name, list(&tied), best.name)
    } else {
        format!("{} has the lowest estimate: {nines}.", best.name)
    };
    if !unknown.is_empty() {
        text.push_str(&format!(" It was not compared with {}.", list(&unknown)));
    }
    let losses: Vec<String> = behind
        .iter()
        .enumerate()
        .map(|(place, (name, difference))| {
            let more = Reading::of(difference, Unit::Duration, glyphs).line();
            let verb = if place == 0 { "loses " } else { "" };
            let tail = if place == 0 { " more a year" } else { " more" };
            format!("{name} {verb}{more}{tail}")
        })
        .collect();
    if !losses.is_empty() {
        let than = if tied.is_empty() { String::new() } else { format!(" than {}", best.name) };
        text.push_str(&format!(" {}{than}.", sentence_list(&losses)));
    }
    text
}

/// Of `name` against `other`, whichever way round they were compared.
fn loses_more(study: &Study, name: &str, other: &str) -> Option<(Verdict, Estimate)> {
    study.comparisons.iter().find_map(|comparison| {
        let difference = &comparison.lost_seconds_per_year_difference;
        if comparison.left == name && comparison.right == other {
            Some((comparison.verdict, *difference))
        } else if comparison.left == other && comparison.right == name {
            let turned = difference.map_decreasing(|seconds| -seconds);
            let verdict = match comparison.verdict {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                Verdict::Undecided => Verdict::Undecided,
            };
            Some((verdict, turned))
        } else {
            None
        }
    })
}

/// Who meets the objectives.
fn judgements(study: &Study) -> Option<String> {
    let judged: Vec<(&str, Judgement)> = study
        .architectures
        .iter()
        .filter_map(|summary| Some((summary.name.as_str(), overall(&summary.objectives)?)))
        .collect();
    let (_, first) = judged.first()?;
    if let [(_, only)] = judged.as_slice() {
        return Some(format!("Its objectives are {}.", word(*only)));
    }
    if judged.iter().all(|(_, judgement)| judgement == first) {
        return Some(match first {
            Judgement::Met => "All meet their objectives.".to_owned(),
            Judgement::Missed => "None meets its objectives.".to_owned(),
            Judgement::Inconclusive => "Whether they meet their objectives is open.".to_owned(),
        });
    }
    let parts: Vec<String> =
        [(Judgement::Met, "met by"), (Judgement::Inconclusive, "open for"), (Judgement::Missed, "missed by")]
            .iter()
            .filter_map(|(judgement, phrase)| {
                let names: Vec<&str> = judged.iter().filter(|(_, of)| of == judgement).map(|(name, _)| *name).collect();
                (!names.is_empty()).then(|| format!("{phrase} {}", list(&names)))
            })
            .collect();
    Some(format!("The objectives are {}.", parts.join(", ")))
}

/// "a", "a and b", "a, b and c".
pub(super) fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn sentence_list(parts: &[String]) -> String {
    parts.join(", ")
}

/// Simulated years; most often a whole number of them.
fn years(years: f64) -> String {
    if years.fract() == 0.0 { super::value::grouped(years) } else { super::value::count(years) }
}

/// Gains below this are not told from none.
const WORTH_A_WORD: f64 = 1.5;

/// A gain in two digits or so.
fn worth(gain: f64) -> String {
    const MANY: f64 = 1e4;
    if gain < MANY { super::value::count(gain) } else { format!("{gain:.1e}") }
}

/// The line that lets someone else get the same numbers.
pub(super) fn provenance(study: &Study) -> Vec<String> {
    let runs = |summary: &Summary| {
        // What follows the colon names the random generator, for the JSON.
        let method = summary.method.split(':').next().unwrap_or_default();
        let runs = format!(
            "{method}: {} replications, {} years",
            super::value::grouped(summary.replications as f64),
            years(summary.simulated_years)
        );
        match summary.gain {
            Some(gain) if gain >= WORTH_A_WORD => format!("{runs}, worth {gain:.1} times as many plain ones"),
            _ => match summary.rare.as_ref().and_then(|rare| rare.gain) {
                Some(gain) if gain >= WORTH_A_WORD => {
                    format!("{runs}, worth {} times as many state changes", worth(gain))
                }
                _ => runs,
            },
        }
    };
    let mut lines = Vec::new();
    let same = study.architectures.windows(2).all(|pair| runs(&pair[0]) == runs(&pair[1]));
    let head = format!(
        "ridethrough {}, seed {}, horizon {}, {} intervals",
        env!("CARGO_PKG_VERSION"),
        study.seed,
        duration(study.horizon_seconds),
        super::value::percent(study.level)
    );
    match study.architectures.as_slice() {
        [] => lines.push(head),
        [first, rest @ ..] if same => {
            let each = if rest.is_empty() { "" } else { " of each design" };
            lines.push(format!("{head}; {}{each}", runs(first)));
        }
        all => {
            lines.push(head);
            lines.extend(all.iter().map(|summary| format!("{}: {}", summary.name, runs(summary))));
        }
    }
    lines
}

/// Warnings of all architectures; one that several share is said once.
pub(super) fn warnings(study: &Study) -> Vec<String> {
    let mut grouped: Vec<(&Warning, Vec<&str>)> = Vec::new();
    for summary in &study.architectures {
        for warning in &summary.warnings {
            match grouped.iter_mut().find(|(known, _)| *known == warning) {
                Some((_, names)) => names.push(&summary.name),
                None => grouped.push((warning, vec![&summary.name])),
            }
        }
    }
    let alone = study.architectures.len() == 1;
    let line = |(warning, names): (&Warning, Vec<&str>)| {
        if alone { warning.to_string() } else { format!("{}: {warning}", list(&names)) }
    };
    let mut lines: Vec<String> = grouped.into_iter().map(line).collect();
    if study.interrupted {
        lines.insert(0, "interrupted: the numbers rest on the replications finished until then".to_owned());
    }
    lines
}

/// How many defaults went into the study, counted once however many architectures share them.
pub(super) fn assumption_count(study: &Study) -> usize {
    let mut keys: Vec<(&str, &str)> = study
        .architectures
        .iter()
        .flat_map(|summary| &summary.assumptions)
        .map(|assumption| (assumption.key.as_str(), assumption.value.as_str()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_winner_is_named_when_all_differences_support_it() {
        assert_eq!(
            answer(&sample::study(), Glyphs::UNICODE),
            "multi-region loses least: 4.08 nines [3.99, 4.19]. multi-az loses 2h 45m [2h 24m, 3h 6m] more a \
             year, single-az 1d 20h [1d 14h, 2d 1h] more. The objectives are met by multi-region, open for multi-az, missed by \
             single-az."
        );
    }
}
