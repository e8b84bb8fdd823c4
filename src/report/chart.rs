//! Charts: the figures of the page of results as files, each as an SVG, a PNG and the plotted numbers as CSV.

mod canvas;
mod font;
mod look;
mod play;

use super::csv::written;
use super::html::{Documents, Figure, Kind, NoResult, Section, read, sections};
use super::optimize::{Optimization, optimize_json};
use super::sweep::{Sweep, sweep_json};
use super::uncertainty::uncertainty_json;
use super::{explain_json, json};
use crate::experiment::Uncertainty;
use crate::file::{Error, prepare_folder, write_atomically};
use crate::study::{Explanation, Study};
use rayon::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Sections of a page that have charts, by their names, and what they show.
pub const CHARTED: [(&str, &str); 12] = [
    ("architecture", "regions, zones, tiers and flows, with single points of failure marked"),
    ("nines", "nines of each architecture"),
    ("downtime", "how bad a year can be"),
    ("recovery", "how long incidents last, and how old lost data are"),
    ("causes", "lost time by cause and by stage"),
    ("importance", "what each cause, and each stage, would give back"),
    ("budget", "how much of the error budget a month uses"),
    ("resilience", "the verdict on each failure"),
    ("incident", "the timeline of an incident"),
    ("sweep", "what a key changes"),
    ("uncertainty", "which unknown matters most"),
    ("frontier", "what less lost time costs"),
];

/// Why results cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// A document is none that can be drawn.
    #[error(transparent)]
    NoResult(#[from] NoResult),
    /// There is nothing to draw.
    #[error("{}", nothing(.asked, .there))]
    Nothing {
        /// What was asked for.
        asked: Vec<String>,
        /// What there is.
        there: Vec<String>,
    },
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] Error),
}

fn nothing(asked: &[String], there: &[String]) -> String {
    match (asked, there) {
        ([], _) => "there is nothing to draw in these results: no loss was seen, or there are only tables".to_owned(),
        (_, []) => format!("there is nothing to draw for {}; these results have no charts", asked.join(", ")),
        _ => format!("there is nothing to draw for {}; these results have {}", asked.join(", "), there.join(", ")),
    }
}

/// A picture and what it shows.
struct Chart {
    /// File name without extension.
    stem: String,
    canvas: canvas::Canvas,
    /// The plotted numbers, with their head.
    numbers: Vec<Vec<String>>,
}

impl Chart {
    fn save(&self, folder: &Path) -> Result<[PathBuf; 3], Error> {
        let table = folder.join(format!("{}.csv", self.stem));
        write_atomically(&table, written(&self.numbers).as_bytes())?;
        let [svg, png] = self.canvas.save(folder, &self.stem)?;
        Ok([svg, png, table])
    }
}

/// Draws results into a folder, which is made if need be: what the page of these results shows in its figures, or of that what is asked
/// for, by the names of [`CHARTED`]. Each result has the name by which an error calls it, and its JSON. Returns the files written: for
/// each chart an SVG, a PNG and the plotted numbers as CSV.
///
/// # Errors
/// When a document is no result, nothing that is asked for is there, or a file cannot be written; files written before it stay.
pub fn draw(results: &[(String, String)], only: &[String], folder: &Path) -> Result<Vec<PathBuf>, ChartError> {
    let read: Result<Vec<(Kind, Value)>, NoResult> = results.iter().map(|(name, text)| read(name, text)).collect();
    let read = read?;
    let documents = Documents::new(&read, usize::MAX);
    let (asked, others): (Vec<Section>, Vec<Section>) = sections(&documents)
        .into_iter()
        .partition(|section| only.is_empty() || only.iter().any(|name| name == section.id));
    let figures: Vec<Figure> = asked.into_iter().flat_map(Section::figures).collect();
    if figures.is_empty() {
        let charted = others.iter().filter(|section| CHARTED.iter().any(|(name, _)| *name == section.id));
        return Err(ChartError::Nothing {
            asked: only.to_vec(),
            there: charted.map(|section| section.id.to_owned()).collect(),
        });
    }
    Ok(save(&charts_of(&figures, |_| true), folder)?)
}

/// Draws a study into a folder, which is made if need be: nines, recovery time, lost time by cause and downtime. Returns
/// the files written: for each chart an SVG, a PNG and the plotted numbers as CSV.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn charts(study: &Study, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    const STEMS: [&str; 4] = ["nines", "recovery-time", "lost-time-by-cause", "downtime"];
    of_document(&json(study, None), |stem| STEMS.contains(&stem), folder)
}

/// Draws the story of an incident into a folder: what was served, and a lane for everything that changed, as `explain`.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn explain_charts(it: &Explanation, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    of_document(&explain_json(it, None), |_| true, folder)
}

/// Draws a sweep into a folder, which is made if need be: what changes with each of the keys.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn sweep_charts(sweep: &Sweep, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    of_document(&sweep_json(sweep, None), |_| true, folder)
}

/// Draws which unknown matters most into a folder, which is made if need be.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn uncertainty_charts(found: &Uncertainty, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    of_document(&uncertainty_json(found, None), |_| true, folder)
}

/// Draws the frontier of an optimisation into a folder, which is made if need be.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn optimize_charts(found: &Optimization, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    of_document(&optimize_json(found, None), |_| true, folder)
}

/// The charts of a document that was just made.
fn of_document(text: &str, wanted: impl Fn(&str) -> bool, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read: Vec<(Kind, Value)> = read("the result", text).into_iter().collect();
    let documents = Documents::new(&read, usize::MAX);
    let figures: Vec<Figure> = sections(&documents).into_iter().flat_map(Section::figures).collect();
    save(&charts_of(&figures, wanted), folder)
}

/// The charts of those figures whose stems are wanted. Those that would share a name are told apart by what they are about.
fn charts_of(figures: &[Figure], wanted: impl Fn(&str) -> bool) -> Vec<Chart> {
    let mut charts: Vec<Chart> = Vec::new();
    for figure in figures.iter().filter(|figure| wanted(&figure.stem)) {
        let shared = figures.iter().filter(|other| other.stem == figure.stem).count() > 1;
        let long = if shared && !figure.of.is_empty() {
            format!("{}-{}", figure.stem, figure.of)
        } else {
            figure.stem.clone()
        };
        let name = file_name(&long);
        let mut stem = name.clone();
        let mut number = 2;
        while charts.iter().any(|chart| chart.stem == stem) {
            stem = format!("{name}-{number}");
            number += 1;
        }
        charts.push(Chart { stem, canvas: play::drawn(figure), numbers: figure.data.clone() });
    }
    charts
}

/// A text as a file name: nothing in it leads out of the folder.
#[must_use]
pub fn file_name(text: &str) -> String {
    let safe: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).take(120).collect();
    safe.trim_start_matches('.').to_owned()
}

fn save(charts: &[Chart], folder: &Path) -> Result<Vec<PathBuf>, Error> {
    prepare_folder(folder)?;
    let files: Result<Vec<[PathBuf; 3]>, Error> = charts.par_iter().map(|chart| chart.save(folder)).collect();
    Ok(files?.concat())
}

#[cfg(test)]
mod tests;
