//! Relative error against run time on one thread: crude, stratified, and rare-event simulation of the same models, whose answers are known.
//!
//! `cargo bench --bench precision` prints the table and draws `benches/precision.svg`. The error is the root of the mean square over seeds of
//! how far an estimate is from the exact value, not what the estimates say of themselves.

use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use ridethrough::experiment::{Options, Rarity, run};
use ridethrough::model::Design;
use ridethrough::scenario::load_text;
use ridethrough::simulation::{Plan, Replica};
use std::error::Error;
use std::time::Instant;

/// Estimates of each size. The square root of their mean square is known to about 1 / sqrt(2 * 24), 14 %.
const SEEDS: u64 = 24;
/// Sizes, each twice the one before.
const STEPS: u32 = 12;
/// A size that takes longer (s) for one estimate is the last.
const LONGEST: f64 = 0.6;

struct Model {
    name: &'static str,
    /// Its unavailability in the long run.
    exact: fn() -> f64,
    text: &'static str,
}

/// A failure that costs, whenever it comes; and one that costs only when another comes before it is repaired.
const MODELS: [Model; 2] = [
    Model {
        name: "one region, 4 of 6 instances",
        exact: one_region,
        text: "simulation = { warm_up = '10d', horizon = '375d' }\n\
         region.r.zones = ['a', 'b', 'c']\n\
         tier.web = { required = 4, pool = { units = 6 } }\n\
         failure.instance = { scope = 'unit:web', mttf = '60d', repair = { exponential = '10m' } }\n\
         failure.zone = { scope = 'zone', mttf = '2y', repair = { exponential = '2h' } }\n\
         failure.region = { scope = 'region', mttf = '4y', repair = { exponential = '3h' } }\n",
    },
    Model {
        name: "two regions of three zones, either is enough",
        exact: two_regions,
        text: "simulation = { warm_up = '10d', horizon = '375d' }\n\
         region.clients.zones = ['c']\nregion.a.zones = ['a1', 'a2', 'a3']\nregion.b.zones = ['b1', 'b2', 'b3']\n\
         stack.s = { regions = ['clients'], requires = [{ any_of = ['a', 'b'] }] }\n\
         database.a = { kind = 'quorum', nodes = 3, zones = ['a1', 'a2', 'a3'] }\n\
         database.b = { kind = 'quorum', nodes = 3, zones = ['b1', 'b2', 'b3'] }\n\
         [failure.zone]\nscope = ['zone:a1', 'zone:a2', 'zone:a3', 'zone:b1', 'zone:b2', 'zone:b3']\nmttf = '180d'\n\
         repair = { exponential = '8h' }\n\
         [failure.region]\nscope = ['region:a', 'region:b']\nmttf = '1y'\nrepair = { exponential = '4h' }\n",
    },
];

#[derive(Clone, Copy)]
enum Way {
    Crude,
    Stratified,
    Rare,
}

impl Way {
    const ALL: [Way; 3] = [Way::Crude, Way::Stratified, Way::Rare];

    fn name(self) -> &'static str {
        match self {
            Way::Crude => "crude",
            Way::Stratified => "stratified",
            Way::Rare => "rare events (branching histories)",
        }
    }

    /// Colours that the colour-blind tell apart (Okabe and Ito 2008).
    fn color(self) -> RGBColor {
        match self {
            Way::Crude => RGBColor(213, 94, 0),
            Way::Stratified => RGBColor(0, 114, 178),
            Way::Rare => RGBColor(0, 158, 115),
        }
    }

    /// The unavailability, by so many histories; or, of rare events, known to one part in the root of so many.
    fn estimate(self, design: &Design, plan: &Plan, seed: u64, size: u64) -> f64 {
        let options = |rare| Options { seed, rare, ..Options::default() };
        let options = match self {
            Way::Crude => {
                let mut replica = Replica::new(plan);
                let mut lost = 0.0;
                for history in 0..size {
                    lost += replica.run(plan, seed, history).lost.iter().flatten().sum::<f64>();
                }
                return lost / (size as f64 * (design.horizon.0 - design.warm_up.0));
            }
            Way::Stratified => Options { replications: size, ..options(Rarity::Off) },
            Way::Rare => {
                Options { replications: 2, precision: Some(3.0 / (size as f64).sqrt()), ..options(Rarity::Importance) }
            }
        };
        let study = run(std::slice::from_ref(design), &options).expect("a sound design");
        study.architectures[0].unavailability_request.estimate
    }
}

/// Run time of one estimate (s), the median, and its relative error.
type Point = (f64, f64);

fn points(way: Way, design: &Design, exact: f64) -> Vec<Point> {
    let plan = Plan::new(design).expect("a sound design");
    let mut points = Vec::new();
    for step in 0..STEPS {
        let size = 512 << step;
        let (mut squares, mut times) = (0.0, Vec::new());
        for seed in 0..SEEDS {
            let begun = Instant::now();
            let away = way.estimate(design, &plan, seed, size) / exact - 1.0;
            times.push(begun.elapsed().as_secs_f64());
            squares += away * away;
        }
        times.sort_by(f64::total_cmp);
        let (time, error) = (times[times.len() / 2], (squares / SEEDS as f64).sqrt());
        println!("| {} | {size} | {:.2} | {:.2} % |", way.name(), time * 1e3, error * 100.0);
        points.push((time, error));
        if time > LONGEST {
            break;
        }
    }
    points
}

/// What was found of a model.
struct Panel {
    name: &'static str,
    exact: f64,
    lines: [(Way, Vec<Point>); 3],
}

fn draw(panels: &[Panel]) -> Result<(), Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/precision.svg");
    let root = SVGBackend::new(path, (1200, 600)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled("Relative error against run time", ("sans-serif", 26))?;
    for (Panel { name, exact, lines }, area) in panels.iter().zip(root.split_evenly((1, 2))) {
        let mut chart = ChartBuilder::on(&area)
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .caption(format!("{name}: unavailability {exact:.2e}"), ("sans-serif", 15))
            .build_cartesian_2d((1e-4..2.0f64).log_scale(), (1e-3..2.0f64).log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .x_desc("run time on one thread")
            .y_desc("root mean square error / exact value")
            .label_style(("sans-serif", 14))
            .axis_desc_style(("sans-serif", 13))
            .x_label_formatter(&|time| if *time < 1.0 { format!("{} ms", time * 1e3) } else { format!("{time} s") })
            .y_label_formatter(&|error| format!("{} %", error * 100.0))
            .draw()?;
        for (way, points) in lines {
            let color = way.color();
            chart
                .draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(3)))?
                .label(way.name())
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], color.stroke_width(3)));
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, color.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerLeft)
            .background_style(WHITE)
            .border_style(RGBColor(200, 200, 200))
            .label_font(("sans-serif", 14))
            .draw()?;
    }
    root.present()?;
    println!("\ndrawn: benches/precision.svg");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global()?;
    let font = include_bytes!("../src/report/font/NotoSans-Regular-subset.ttf");
    register_font("sans-serif", FontStyle::Normal, font).map_err(|_| "the font is damaged")?;
    let mut panels = Vec::new();
    for Model { name, exact, text } in MODELS {
        let design = load_text("model", text).map_err(|problems| problems.to_string())?.designs.remove(0);
        let exact = exact();
        println!("\n{name}: exact {exact:.4e}\n\n| method | size | ms | relative error |\n|---|---|---|---|");
        let lines = Way::ALL.map(|way| (way, points(way, &design, exact)));
        panels.push(Panel { name, exact, lines });
    }
    draw(&panels)
}

/// Fewer than four of six are up behind zones, or the region is down (independent alternating processes, zones conditioned on).
fn one_region() -> f64 {
    let down = |up: f64, down: f64| down / (up + down);
    let (unit, zone, region) = (down(60.0 * 1_440.0, 10.0), down(17_520.0, 2.0), down(4.0 * 8_760.0, 3.0));
    let works = 1.0 - unit;
    // At least four of six, and all four where a zone is down.
    let four = works * works * works * works;
    let six = four * (works * works + 6.0 * works * unit + 15.0 * unit * unit);
    let two_zones = (1.0 - zone) * (1.0 - zone);
    let serves = two_zones * ((1.0 - zone) * six + 3.0 * zone * four);
    1.0 - (1.0 - region) * serves
}

/// A region is down for itself or with two of its three zones, the service when both are (independent alternating processes).
fn two_regions() -> f64 {
    let (zone, region) = (8.0 / (180.0 * 24.0 + 8.0), 4.0 / (8_760.0 + 4.0));
    let zones = 3.0 * zone * zone * (1.0 - zone) + zone * zone * zone;
    let down = 1.0 - (1.0 - region) * (1.0 - zones);
    down * down
}
