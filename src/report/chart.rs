//! Charts: each as an SVG, a PNG and the plotted numbers as CSV.

pub(super) mod axis;
mod canvas;
mod causes;
mod curve;
mod font;
mod frame;
mod frontier;
mod nines;
mod story;
mod sweep;
mod tornado;

use super::csv::{number, written};
use super::optimize::Optimization;
use super::sweep::SweepPoint;
use crate::experiment::Uncertainty;
use crate::file::{Error, prepare_folder, write_atomically};
use crate::study::{Explanation, Study};
use std::path::{Path, PathBuf};

/// A picture and what it shows.
struct Chart {
    /// File name without extension.
    stem: String,
    canvas: canvas::Canvas,
    /// The plotted numbers, with their head.
    numbers: Vec<Vec<String>>,
}

impl Chart {
    fn save(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let table = folder.join(format!("{}.csv", self.stem));
        write_atomically(&table, written(&self.numbers).as_bytes())?;
        let mut files = self.canvas.save(folder, &self.stem)?.to_vec();
        files.push(table);
        Ok(files)
    }
}

/// Draws a study into a folder, which is made if need be: nines, recovery time, lost time by cause and downtime. Returns
/// the files written: for each chart an SVG, a PNG and the plotted numbers as CSV.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn charts(study: &Study, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    save(&study_charts(study), folder)
}

fn study_charts(study: &Study) -> [Chart; 4] {
    [nines::chart(study), curve::recovery(study), causes::chart(study), curve::downtime(study)]
}

/// Draws the story of an incident into a folder: what was served, and a lane for everything that changed, as `explain.svg` and `explain.png`.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn explain_charts(it: &Explanation, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(story::draw(it).save(folder, "explain")?.into())
}

/// Draws a sweep into a folder, which is made if need be: nines and recovery time against each of the keys.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn sweep_charts(keys: &[String], points: &[SweepPoint], folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let charts: Vec<Chart> = keys.iter().map(|key| sweep::chart(key, keys, points)).collect();
    save(&charts, folder)
}

/// Draws which unknown matters most into a folder, which is made if need be.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn uncertainty_charts(found: &Uncertainty, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    save(&[tornado::chart(found)], folder)
}

/// Draws the frontier of an optimisation into a folder, which is made if need be.
///
/// # Errors
/// When a file cannot be written; files written before it stay.
pub fn optimize_charts(found: &Optimization, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    save(&[frontier::chart(found)], folder)
}

fn save(charts: &[Chart], folder: &Path) -> Result<Vec<PathBuf>, Error> {
    prepare_folder(folder)?;
    let mut files = Vec::new();
    for chart in charts {
        files.extend(chart.save(folder)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// The three files of a chart: a picture that a viewer opens, one that a browser does, and numbers.
    fn assert_written(folder: &Path, files: &[PathBuf], stems: &[&str]) {
        let expected: Vec<PathBuf> = stems
            .iter()
            .flat_map(|stem| ["svg", "png", "csv"].map(|extension| folder.join(format!("{stem}.{extension}"))))
            .collect();
        assert_eq!(files, expected);
        for file in files {
            let bytes = std::fs::read(file).expect("the file is there");
            let start: &[u8] = match file.extension().and_then(|extension| extension.to_str()) {
                Some("svg") => b"<svg ",
                Some("png") => b"\x89PNG\r\n\x1a\n",
                _ => b"architecture,",
            };
            assert!(bytes.starts_with(start) && bytes.len() > 100, "{}", file.display());
        }
        assert_eq!(std::fs::read_dir(folder).expect("lists").count(), files.len(), "nothing else is left behind");
    }

    #[test]
    fn a_study_has_four_charts() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("new").join("charts");
        let files = charts(&sample::study(), &folder).expect("draws");
        assert_written(&folder, &files, &["nines", "recovery-time", "lost-time-by-cause", "downtime"]);
    }

    #[test]
    fn a_sweep_has_a_chart_for_each_key() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (keys, points) = sample::sweep_of_two();
        let files = sweep_charts(&keys, &points, folder.path()).expect("draws");
        assert_written(folder.path(), &files, &["sweep-zones", "sweep-database.engine"]);
    }

    #[test]
    fn unknowns_make_a_tornado() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = uncertainty_charts(&sample::uncertainty(), folder.path()).expect("draws");
        assert_written(folder.path(), &files, &["tornado"]);
        let mut odd = sample::uncertainty();
        odd.tornado[0].lost_seconds_per_year.0.high = f64::INFINITY;
        let mut empty = sample::uncertainty();
        empty.tornado.clear();
        for found in [odd, empty] {
            let text = tornado::chart(&found).canvas.svg(Path::new("x.svg")).expect("draws");
            assert!(!text.contains("NaN") && !text.contains("inf") && !text.contains("2147483647"));
        }
    }

    /// PNGs take a second each without optimisation; what may go wrong with odd numbers goes wrong in an SVG too.
    #[test]
    fn odd_studies_are_drawn_without_odd_numbers() {
        let mut odd = sample::many();
        odd.horizon_seconds = 86_400.0;
        odd.architectures[0].lost_seconds_per_year.high = f64::INFINITY;
        odd.architectures[0].nines.high = Some(f64::INFINITY);
        odd.architectures[1].recovery_time.spread.push(f64::INFINITY);
        odd.architectures[1].nines.low = f64::NEG_INFINITY;
        odd.architectures[2].attribution.clear();
        let mut empty = sample::study();
        empty.architectures.clear();
        for study in [odd, empty, sample::alone(sample::lossless("quiet"))] {
            for chart in study_charts(&study) {
                let text = chart.canvas.svg(Path::new("x.svg")).expect("draws");
                assert!(!text.contains("NaN") && !text.contains("inf"), "{}", chart.stem);
                assert!(!text.contains("2147483647"), "{}", chart.stem);
            }
        }
        let keys = ["ttl".to_owned()];
        assert!(sweep::chart("ttl", &keys, &[]).canvas.svg(Path::new("x.svg")).is_ok());
    }

    #[test]
    fn a_folder_that_is_a_file_is_said_so() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let error = charts(&sample::alone(sample::lossless("quiet")), file.path()).expect_err("no folder");
        assert!(error.to_string().contains("choose another path"), "{error}");
    }
}
