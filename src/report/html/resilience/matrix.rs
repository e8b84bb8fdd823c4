//! The resilience matrix: a row for each failure, a column for each architecture, in each cell the verdict and how soon it recovers.

use super::super::at::At;
use super::super::figure::{Figure, cell, only, table, verdict};
use super::{failure, words};
use crate::report::picture::{NARROW, Picture, SERIES, fit, width};
use crate::report::value::{Unit, duration};
use crate::study::Resilience;
use maud::{Markup, html};

const ROW: f64 = 42.0;
/// Height of a line of text in a row.
const LINE: f64 = 16.0;
/// Rows that are drawn; the table has all.
const MOST: usize = 40;

/// What an architecture makes of a failure.
struct Verdict<'a> {
    words: String,
    drill: At<'a>,
}

impl Verdict<'_> {
    /// How soon it is back.
    fn recovered(&self) -> Option<String> {
        let at = self.drill.path("recovery_time_seconds.p95").estimate();
        at.map(|it| format!("back in {} (p95)", duration(it.estimate)))
    }

    /// Class of its filling, and the series by whose mark it is known without colour.
    fn look(&self) -> (&'static str, usize) {
        match self.words.as_str() {
            it if it == Resilience::FaultTolerant.words() => ("cell good", 0),
            it if it == Resilience::SinglePointOfFailure.words() => ("cell bad", 1),
            _ => ("cell open", 2),
        }
    }
}

/// A failure, and what each architecture makes of it; none where it was not drilled.
struct Row<'a> {
    failure: String,
    verdicts: Vec<Option<Verdict<'a>>>,
}

fn rows<'a>(all: &[&At<'a>]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = Vec::new();
    for (place, drills) in all.iter().enumerate() {
        for drill in drills.key("drills").items() {
            let failure = failure(&drill);
            let found = rows.iter().position(|row| row.failure == failure && row.verdicts[place].is_none());
            let row = found.unwrap_or_else(|| {
                rows.push(Row { failure, verdicts: all.iter().map(|_| None).collect() });
                rows.len() - 1
            });
            rows[row].verdicts[place] = Some(Verdict { words: words(&drill), drill });
        }
    }
    rows
}

pub(super) fn figure<'a>(all: &[&At<'a>], room: usize) -> Figure<'a> {
    let mut rows = rows(all);
    let names: Vec<&str> = all.iter().map(|it| it.key("architecture").text()).collect();
    let cells: Vec<Vec<Markup>> = (rows.iter())
        .map(|row| {
            let verdicts = row.verdicts.iter().map(|it| match it {
                Some(it) => html! {
                    (verdict(&it.words)) " "
                    @if !it.drill.path("recovery_time_seconds.p95").is_null() { (it.drill.path("recovery_time_seconds.p95").sure(Unit::Duration)) }
                },
                None => cell("–"),
            });
            [cell(&row.failure)].into_iter().chain(verdicts).collect()
        })
        .collect();
    let head: Vec<&str> = ["failure"].iter().chain(&names).copied().collect();
    let numbers =
        table("Resilience matrix: verdict and 95th percentile of the recovery", &head, head.len(), &cells, room);
    let data = data(&names, &rows);
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let mut listed = Vec::new();
    if more > 0 {
        listed.push(format!("{more} more failures in the CSV"));
    }
    let shown: Vec<&str> = names.iter().copied().take(SERIES).collect();
    let key = [
        ("cell good", "no incident"),
        ("cell open", "interrupted; recovers although the failure lasts"),
        ("cell bad", "down as long as the failure lasts"),
    ];
    Figure {
        key: key.map(|(class, meaning)| (class.to_owned(), meaning.to_owned())).to_vec(),
        listed,
        numbers: Some(numbers),
        data,
        pictures: only(move |width| draw(&shown, &rows, width)),
        ..Figure::new(
            "resilience",
            "Resilience matrix: what follows from each failure",
            "Each failure comes alone, in a system that is quiet otherwise. Back in: 95th percentile, from the failure to the end of the last incident.",
        )
    }
}

fn data(names: &[&str], rows: &[Row]) -> Vec<Vec<String>> {
    let head = [
        "architecture",
        "failure",
        "verdict",
        "recovery_time_p95_seconds",
        "low",
        "high",
        "lost_seconds",
        "lost_low",
        "lost_high",
    ];
    let lines = names.iter().enumerate().flat_map(|(place, name)| {
        rows.iter().filter_map(move |row| Some((row, row.verdicts[place].as_ref()?))).map(move |(row, it)| {
            let about = [(*name).to_owned(), row.failure.clone(), it.words.clone()].into_iter();
            let recovered = it.drill.path("recovery_time_seconds.p95").exact_interval();
            about.chain(recovered).chain(it.drill.path("lost_seconds.mean").exact_interval()).collect()
        })
    });
    std::iter::once(head.map(str::to_owned).to_vec()).chain(lines).collect()
}

fn draw(names: &[&str], rows: &[Row], across: f64) -> Picture {
    if across <= NARROW { narrow(names, rows, across) } else { wide(names, rows, across) }
}

fn wide(names: &[&str], rows: &[Row], across: f64) -> Picture {
    let top = 24.0;
    let mut picture = Picture::new(across, top + ROW * rows.len() as f64 + 6.0);
    let longest = rows.iter().map(|row| width(&row.failure)).fold(0.0, f64::max);
    let left = (longest + 14.0).min(across * 0.4);
    let column = (across - left) / names.len().max(1) as f64;
    for (place, name) in names.iter().enumerate() {
        let middle = left + column * (place as f64 + 0.5);
        picture.text("m label strong", (middle, 10.0), &fit(name, column - 8.0));
    }
    for (number, row) in rows.iter().enumerate() {
        let y = top + ROW * number as f64;
        picture.text("e label", (left - 8.0, y + ROW / 2.0), &fit(&row.failure, left - 10.0));
        for (place, verdict) in row.verdicts.iter().take(names.len()).enumerate() {
            let Some(verdict) = verdict else { continue };
            let x = left + column * place as f64;
            let told = format!("{}, {}: {}", names[place], row.failure, verdict.words);
            cell_of(&mut picture, verdict, &told, (x + 2.0, y + 2.0), (column - 4.0, ROW - 4.0));
        }
    }
    picture
}

/// A verdict on its filling: a mark, the words, and below them how soon it is back.
fn cell_of(picture: &mut Picture, verdict: &Verdict, told: &str, (x, y): (f64, f64), (across, high): (f64, f64)) {
    let (class, mark) = verdict.look();
    picture.group("part", told, |picture| {
        picture.rect(class, (x, y), (across, high));
        let recovered = verdict.recovered();
        let line = y + if recovered.is_some() { high / 2.0 - LINE / 2.0 } else { high / 2.0 };
        picture.group("series k6", told, |picture| picture.mark(mark, (x + 12.0, line)));
        picture.text("s label strong", (x + 22.0, line), &fit(&verdict.words, across - 24.0));
        if let Some(text) = recovered {
            let at = verdict.drill.path("recovery_time_seconds.p95.estimate");
            picture.datum(&format!("{told}, {text}"), at.address(), |picture| {
                picture.text("s value", (x + 22.0, line + LINE), &fit(&text, across - 24.0));
            });
        }
    });
}

/// Below each failure a line for each architecture.
fn narrow(names: &[&str], rows: &[Row], across: f64) -> Picture {
    let verdicts = |row: &Row| row.verdicts.iter().take(names.len()).flatten().count() as f64;
    let cell = ROW + LINE;
    let height: f64 = rows.iter().map(|row| 24.0 + cell * verdicts(row)).sum();
    let mut picture = Picture::new(across, height + 6.0);
    let mut y = 0.0;
    for row in rows {
        picture.text("s label strong", (2.0, y + 14.0), &fit(&row.failure, across - 4.0));
        y += 24.0;
        for (name, verdict) in names.iter().zip(&row.verdicts) {
            let Some(verdict) = verdict else { continue };
            let told = format!("{name}, {}: {}", row.failure, verdict.words);
            picture.text("s label", (10.0, y + 8.0), &fit(name, across - 12.0));
            cell_of(&mut picture, verdict, &told, (8.0, y + LINE), (across - 10.0, ROW - 6.0));
            y += cell;
        }
    }
    picture
}
