//! `sweep`: the same scenario with other values, under the same random numbers.

use super::args::{Cli, Common, Output, Setting, SweepArgs};
use super::progress::STOP;
use super::simulate::{load, simulate, targets};
use super::{Failure, Status, print, tell, width};
use crate::report::{self, SweepPoint};
use crate::units::parse_duration;
use std::sync::atomic::Ordering;

/// Most points of one sweep.
const MOST_POINTS: usize = 10_000;

/// `ridethrough sweep`.
pub fn sweep(cli: &Cli, command: &SweepArgs) -> Result<Status, Failure> {
    let common = &command.common;
    let keys: Vec<String> = command.settings.iter().map(|s| s.key.clone()).collect();
    let count: usize = command.settings.iter().map(|s| s.values.len()).fold(1, usize::saturating_mul);
    if count > MOST_POINTS {
        return Err(Failure::Usage(format!("{count} combinations, but a sweep has at most {MOST_POINTS} points")));
    }
    let files = std::slice::from_ref(&command.file);
    load(cli, files, common, &[])?;
    let mut designs = Vec::new();
    for point in combinations(&command.settings) {
        designs.push((load(cli, files, common, &point)?, point));
    }
    let targets = targets(&common.export)?;
    if !command.no_charts {
        report::prepare_folder(&command.charts)?;
    }
    let mut points = Vec::new();
    for (design, point) in designs {
        if STOP.load(Ordering::Relaxed) {
            break;
        }
        let study = simulate(&design, common)?;
        let settings = point.into_iter().map(|(key, value)| {
            let number = value.parse().ok().or_else(|| parse_duration(&value).ok().map(|d| d.0));
            (key, value, number)
        });
        let settings: Vec<_> = settings.collect();
        points
            .extend(study.architectures.into_iter().map(|summary| SweepPoint { settings: settings.clone(), summary }));
    }
    print(&render(cli, common.output, &keys, &points, common))?;
    for (path, format) in targets {
        report::write_atomically(path, plain(format, &keys, &points, common).as_bytes())?;
    }
    if !command.no_charts {
        let written = report::sweep_charts(&keys, &points, &command.charts)?;
        if common.output == Output::Table {
            tell(&format!("wrote {} charts and data files to {}", written.len(), command.charts.display()));
        }
    }
    Ok(if STOP.load(Ordering::Relaxed) { Status::Interrupted } else { Status::Success })
}

/// Every combination of the values, the last key turning fastest.
fn combinations(settings: &[Setting]) -> Vec<Vec<(String, String)>> {
    settings.iter().fold(vec![Vec::new()], |points, setting| {
        let with = |point: &Vec<(String, String)>, value: &String| {
            let mut point = point.clone();
            point.push((setting.key.clone(), value.clone()));
            point
        };
        points.iter().flat_map(|point| setting.values.iter().map(move |value| with(point, value))).collect()
    })
}

fn render(cli: &Cli, output: Output, keys: &[String], points: &[SweepPoint], common: &Common) -> String {
    match output {
        Output::Table => report::sweep_terminal(keys, points, common.seed, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, keys, points, common),
    }
}

fn plain(output: Output, keys: &[String], points: &[SweepPoint], common: &Common) -> String {
    match output {
        Output::Table => report::sweep_terminal(keys, points, common.seed, 100, false, false),
        Output::Json => report::sweep_json(keys, points, common.seed),
        Output::Csv => report::sweep_csv(keys, points),
        Output::Markdown => report::sweep_markdown(keys, points, common.seed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_keys_give_every_combination() {
        let setting = |key: &str, values: &[&str]| Setting {
            key: key.to_string(),
            values: values.iter().map(|v| v.to_string()).collect(),
        };
        let points = combinations(&[setting("a", &["1", "2"]), setting("b", &["x", "y", "z"])]);
        assert_eq!(points.len(), 6);
        assert_eq!(points[1], [("a".to_string(), "1".to_string()), ("b".to_string(), "y".to_string())]);
    }
}
