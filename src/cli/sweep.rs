//! `sweep`: the same scenario with other values, under the same random numbers.

use super::args::{Cli, Common, Output, Rare, Setting, SweepArgs};
use super::export::{export, targets};
use super::kept::{Kept, Whole};
use super::progress::{Bar, STOP};
use super::simulate::{load, options_of_study, simulate, status, watched};
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{Options, Part, Progress};
use crate::model::Design;
use crate::report::{self, Sweep, SweepPoint, Until};
use crate::statistics::Estimate;
use crate::units::parse_duration;
use std::sync::atomic::Ordering;

/// Most points of one sweep.
const MOST_POINTS: usize = 10_000;

/// `ridethrough sweep`.
pub fn sweep(cli: &Cli, command: &SweepArgs) -> Result<Status, Failure> {
    let common = &command.common;
    let keys: Vec<String> = command.settings.iter().map(|s| s.key.clone()).collect();
    let designs = points(cli, command)?;
    let targets = targets(&common.export)?;
    let charts = command.charts.folder();
    if let Some(folder) = charts {
        report::prepare_folder(folder)?;
    }
    let (all, options) = whole(&designs, common);
    let count = designs.len() as u64;
    let mut kept = Kept::open(&command.keeping, &Whole::of_points(&all, &options, count))?;
    let counted = common.precision.is_none() && common.max_time.is_none();
    let times = u32::try_from(designs.len()).unwrap_or(u32::MAX);
    let max_time = common.max_time.map(|each| each.saturating_mul(times));
    let bar = Bar::new(cli, "replications", Until { counted, precision: common.precision, max_time });
    let (points, interrupted, extremes) = watched(common, bar, |watch| -> Result<_, Failure> {
        let points = simulated(&designs, common, watch, &mut kept)?;
        let interrupted = STOP.load(Ordering::Relaxed);
        let extremes = extremes(&all, &points, common, watch, &mut kept)?;
        Ok((points, interrupted, extremes))
    })??;
    let sweep = Sweep { keys, points, seed: common.seed, extremes, interrupted };
    print(&render(cli, common.output, &sweep))?;
    export(&targets, &|output| plain(output, &sweep), || Ok(Vec::new()))?;
    // A picture cannot say that it is only a part.
    if let Some(folder) = charts.filter(|_| !sweep.interrupted) {
        let written = report::sweep_charts(&sweep, folder)?;
        if common.output == Output::Table {
            tell(&format!("wrote {} charts and data files to {}", written.len(), folder.display()));
        }
    }
    kept.close(sweep.interrupted);
    Ok(status(sweep.points.iter().map(|point| &point.summary), STOP.load(Ordering::Relaxed), common.enforce))
}

/// A design of a sweep, and the values of its keys.
pub type Point = (Vec<Design>, Vec<(String, String)>);
/// Whoever watches.
type Watch<'a> = dyn FnMut(Progress) + 'a;

/// All points, in order.
pub fn points(cli: &Cli, command: &SweepArgs) -> Result<Vec<Point>, Failure> {
    let common = &command.common;
    let count: usize = command.settings.iter().map(|s| s.values.len()).fold(1, usize::saturating_mul);
    if count > MOST_POINTS {
        return Err(Failure::Usage(format!("{count} combinations, but a sweep has at most {MOST_POINTS} points")));
    }
    let files = std::slice::from_ref(&command.file);
    let mut shown = Vec::new();
    load(cli, files, common, &[], &mut shown)?;
    let combinations = combinations(&command.settings).into_iter();
    combinations.map(|point| Ok((load(cli, files, common, &point, &mut shown)?, point))).collect()
}

/// All designs, and how the first is simulated.
pub fn whole<'p>(points: &'p [Point], common: &Common) -> (Vec<&'p Design>, Options) {
    let options = points.first().map_or_else(Options::default, |(design, _)| of_point(design, common));
    (points.iter().flat_map(|(design, _)| design).collect(), options)
}

/// How a point is simulated.
pub fn of_point(design: &[Design], common: &Common) -> Options {
    options_of_study(design, common, false, Rare::Off)
}

/// Simulates every point, until it is interrupted.
fn simulated(
    designs: &[Point],
    common: &Common,
    watch: &mut Watch,
    kept: &mut Kept,
) -> Result<Vec<SweepPoint>, Failure> {
    let mut points = Vec::new();
    let mut before = 0_u64;
    for (place, (design, point)) in designs.iter().enumerate() {
        if STOP.load(Ordering::Relaxed) {
            break;
        }
        let mut done = 0;
        let part = Some(Part::Point(place + 1, designs.len()));
        let mut within = |progress: Progress| {
            done = progress.done;
            let to_come = progress.total.saturating_mul((designs.len() - place) as u64);
            watch(Progress { part, ..Progress::of(before + done, before.saturating_add(to_come)) });
        };
        let study = match simulate(design, &of_point(design, common), &mut within, kept) {
            // Points that are whole are worth printing.
            Err(Failure::Interrupted) if !points.is_empty() => break,
            study => study?,
        };
        before += done;
        let settings = point.iter().map(|(key, value)| {
            let number = value.parse().ok().or_else(|| parse_duration(value).ok().map(|d| d.0));
            (key.clone(), value.clone(), number)
        });
        let settings: Vec<_> = settings.collect();
        points
            .extend(study.architectures.into_iter().map(|summary| SweepPoint { settings: settings.clone(), summary }));
    }
    Ok(points)
}

/// The setting that loses most against the one that loses least, once more over the same replications and now as a pair.
fn extremes(
    designs: &[&Design],
    points: &[SweepPoint],
    common: &Common,
    watch: &mut Watch,
    kept: &mut Kept,
) -> Result<Option<Estimate>, Failure> {
    let pair =
        Sweep::least_and_most(points).and_then(|(least, most)| Some((*designs.get(most)?, *designs.get(least)?)));
    let Some((most, least)) = pair.filter(|(most, least)| {
        !STOP.load(Ordering::Relaxed) && (most.horizon, most.warm_up) == (least.horizon, least.warm_up)
    }) else {
        return Ok(None);
    };
    let pair = [most.clone(), least.clone()];
    let part = Some(Part::Extremes);
    let mut within = |progress: Progress| watch(Progress { part, known: None, ..progress });
    match simulate(&pair, &of_point(&pair, common), &mut within, kept) {
        Ok(study) => Ok(study.comparisons.first().map(|pair| pair.lost_seconds_per_year_difference)),
        Err(Failure::Interrupted) => Ok(None),
        Err(failure) => Err(failure),
    }
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

fn render(cli: &Cli, output: Output, sweep: &Sweep) -> String {
    match output {
        Output::Table => report::sweep_terminal(sweep, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, sweep),
    }
}

fn plain(output: Output, sweep: &Sweep) -> String {
    match output {
        Output::Table => report::sweep_terminal(sweep, 100, false, false),
        Output::Json => report::sweep_json(sweep, Some(&command_line())),
        Output::Csv => report::sweep_csv(sweep),
        Output::Markdown => report::sweep_markdown(sweep),
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
