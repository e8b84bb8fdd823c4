//! Distributions at a glance: a row of columns over durations for each quantity of which tables show quantiles.

use super::layout::{FAINT, NARROWEST, Page, total_width, width};
use super::value::{duration, fold, grouped, wrap};
use crate::study::{Distribution, Study, Summary};
use comfy_table::CellAlignment;
use std::fmt::Write;

/// Fewer values than this are a number, not a picture.
const FEWEST: u64 = 30;
/// Columns of a picture, at least and at most.
const SIZE: (usize, usize) = (15, 48);
/// Column of the names, where there are several.
const NAME: usize = 1;
/// What it takes to read them.
const LEGEND: &str = "how many: on a logarithmic scale between the two ends, against the fullest column of the row";
const ZEROS: &str = "seen so many of all: the others are 0, which has no column";

/// A quantity that has a distribution.
struct Quantity {
    label: &'static str,
    read: fn(&Summary) -> &Distribution,
}

const QUANTITIES: [Quantity; 3] = [
    Quantity { label: "recovery time", read: |summary| &summary.recovery_time },
    Quantity { label: "data loss", read: |summary| &summary.data_loss },
    Quantity { label: "downtime a year", read: |summary| &summary.downtime_per_year },
];

/// What was seen of a quantity in one architecture.
struct Seen<'a> {
    name: &'a str,
    /// All values.
    count: u64,
    /// Values above 0.
    positive: u64,
    /// These, in rising order, with the share of all values that each one is.
    values: Vec<(f64, f64)>,
}

impl<'a> Seen<'a> {
    fn new(summary: &'a Summary, distribution: &Distribution) -> Self {
        let (mut before, mut zeros) = (0.0, 0.0);
        let mut values = Vec::new();
        for (value, share) in distribution.spread.cumulative() {
            if value > 0.0 && value.is_finite() {
                values.push((value, share - before));
            } else if value <= 0.0 {
                zeros = share;
            }
            before = share;
        }
        let count = distribution.spread.count();
        Self { name: &summary.name, count, positive: (count as f64 * (1.0 - zeros)).round() as u64, values }
    }

    fn ends(&self) -> Option<(f64, f64)> {
        Some((self.values.first()?.0, self.values.last()?.0)).filter(|_| self.positive >= FEWEST)
    }

    /// How many, as text.
    fn number(&self) -> String {
        let positive = grouped(self.positive as f64);
        match self.count {
            0 => "none".to_owned(),
            count if count == self.positive => positive,
            count => format!("{positive} of {}", grouped(count as f64)),
        }
    }

    /// Columns between two ends, which are not the same.
    fn picture(&self, (low, high): (f64, f64), size: usize, page: Page) -> String {
        let mut columns = vec![0.0; size];
        for (value, share) in &self.values {
            let place = libm::log(value / low) / libm::log(high / low) * size as f64;
            columns[(place as usize).min(size - 1)] += share;
        }
        let fullest = columns.iter().copied().fold(0.0, f64::max);
        columns.into_iter().map(|share| page.column(share / fullest)).collect()
    }

    /// How many, and the picture with its ends.
    fn cells(&self, ends: Option<(f64, f64)>, size: usize, page: Page) -> [String; 4] {
        let Some((low, high)) = ends.filter(|_| self.ends().is_some()) else {
            let word = if self.positive > 0 { "too few to draw" } else { "" };
            return [self.number(), String::new(), word.to_owned(), String::new()];
        };
        let picture = if low < high { self.picture((low, high), size, page) } else { "all the same".to_owned() };
        [self.number(), duration(low), picture, duration(high)]
    }
}

/// Distributions of what was seen; those of one quantity have the same ends.
pub(super) fn distributions(study: &Study, page: Page) -> String {
    // Where only means are estimated, there are no values.
    let architectures: Vec<&Summary> = study.architectures.iter().filter(|summary| summary.rare.is_none()).collect();
    let groups: Vec<(&str, Vec<Seen>)> = (QUANTITIES.iter())
        .map(|it| (it.label, architectures.iter().map(|summary| Seen::new(summary, (it.read)(summary))).collect()))
        .filter(|(_, seen): &(&str, Vec<Seen>)| seen.iter().any(|seen| seen.positive > 0))
        .collect();
    if groups.is_empty() {
        return String::new();
    }
    let named = study.architectures.len() > 1;
    let with_name = |first: &str, name: &str, rest: [String; 4]| -> Vec<String> {
        let name = named.then(|| name.to_owned());
        std::iter::once(first.to_owned()).chain(name).chain(rest).collect()
    };
    let head = with_name("distribution", "", ["seen", "from", "how many", "to"].map(str::to_owned));
    let rows = |size: usize| -> Vec<Vec<String>> {
        let of_group = |(label, seen): &(&str, Vec<Seen>)| -> Vec<Vec<String>> {
            let ends = seen.iter().filter_map(Seen::ends).reduce(|all, it| (all.0.min(it.0), all.1.max(it.1)));
            (seen.iter().enumerate())
                .map(|(place, seen)| {
                    with_name(if place == 0 { label } else { "" }, seen.name, seen.cells(ends, size, page))
                })
                .collect()
        };
        groups.iter().flat_map(of_group).collect()
    };
    let narrowest = total_width(&head, &rows(SIZE.0), 0);
    let mut rows = rows((SIZE.0 + page.width.saturating_sub(narrowest)).min(SIZE.1));
    if named {
        let names = rows.iter().map(|row| width(&row[NAME])).max().unwrap_or(0);
        let room = names.saturating_sub(narrowest.saturating_sub(page.width)).max(NARROWEST);
        rows.iter_mut().for_each(|row| row[NAME] = fold(&row[NAME], room).join("\n"));
    }
    let (left, right) = (CellAlignment::Left, CellAlignment::Right);
    let alignments = [&[left; 2][..usize::from(named) + 1], &[right, right, left, left]].concat();
    let mut text = page.table(&head, &alignments, &rows);
    let zeros = groups.iter().flat_map(|(_, seen)| seen).any(|seen| seen.positive < seen.count);
    for line in std::iter::once(LEGEND).chain(zeros.then_some(ZEROS)) {
        let _ = writeln!(text, "{}", page.paint(&wrap(line, page.width, 2), FAINT));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{golden, sample};
    use crate::statistics::Spread;

    fn page(width: usize) -> Page {
        Page::new(width, false, false)
    }

    fn of(values: impl Iterator<Item = f64>) -> Distribution {
        let mut spread = Spread::default();
        values.for_each(|value| spread.push(value));
        Distribution { count: spread.count(), spread, ..Distribution::default() }
    }

    /// A study of one architecture with these distributions.
    fn with(recovery: Distribution, loss: Distribution, downtime: Distribution) -> Study {
        let mut study = sample::study();
        study.architectures.truncate(1);
        let summary = &mut study.architectures[0];
        (summary.recovery_time, summary.data_loss, summary.downtime_per_year) = (recovery, loss, downtime);
        study
    }

    #[test]
    fn situations_golden() {
        let none = || of(std::iter::empty());
        let mostly_zero = of((0..2_000).map(|year| if year < 1_900 { 0.0 } else { f64::from(year) }));
        let mut lossless = sample::study();
        lossless.architectures.iter_mut().for_each(|it| {
            (it.recovery_time, it.data_loss, it.downtime_per_year) = (none(), none(), of([0.0; 100].into_iter()));
        });
        let few = with(of([60.0; 40].into_iter()), of([5.0, 7.0].into_iter()), mostly_zero);
        let text = [
            ("three at 80 columns", distributions(&sample::study(), page(80))),
            ("three at 120 columns", distributions(&sample::study(), page(120))),
            ("three in ASCII", distributions(&sample::study(), Page::new(80, false, true))),
            ("one", distributions(&sample::alone(sample::summary("shop", 9_000.0, &[])), page(80))),
            ("all the same, too few, and mostly nothing", distributions(&few, page(80))),
            ("nothing", distributions(&lossless, page(80))),
        ];
        let text: String = text.iter().map(|(title, text)| format!("=== {title}\n{text}")).collect();
        golden::hold("distributions.txt", &text);
    }

    /// Of 1 s to 16 s four columns are one doubling each, ends included.
    #[test]
    fn columns_are_equal_ratios() {
        let seen = |values: &[f64]| {
            let study = with(of(values.iter().copied()), Distribution::default(), Distribution::default());
            let summary = &study.architectures[0];
            Seen::new(summary, &summary.recovery_time).picture((1.0, 16.0), 4, page(80))
        };
        assert_eq!(seen(&[1.0, 2.5, 5.0, 16.0]), "████");
        assert_eq!(seen(&[1.0, 1.5, 1.9, 1.99, 3.0, 8.5, 16.0]), "█▂ ▄");
    }
}
