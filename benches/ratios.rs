//! Nanoseconds per event as a table: every workload in turn, many turns, and the least of them, so that what else the machine does enters
//! all columns alike. The first argument is the number of turns, the second the beginning of a name.

mod designs;
mod straightforward;

use designs::{Kind, masked_units};
use ridethrough::experiment::{self, Options};
use ridethrough::model::Design;
use ridethrough::simulation::{Plan, Replica};
use std::hint::black_box;
use std::time::Instant;
use straightforward::{Model, year};

/// Does some years, from the given one on, and returns the number of events.
type Work = Box<dyn FnMut(u64, u64) -> u64>;

/// Something that is measured, in turn with others.
struct Workload {
    name: String,
    years: u64,
    work: Work,
    /// Seconds per event, in the turn that took least.
    least: f64,
}

impl Workload {
    fn new(name: String, years: u64, work: Work) -> Workload {
        Workload { name, years, work, least: f64::INFINITY }
    }

    /// The same years each turn.
    fn turn(&mut self) {
        let begun = Instant::now();
        let events = (self.work)(0, self.years);
        self.least = self.least.min(begun.elapsed().as_secs_f64() / events as f64);
    }
}

fn replications(design: &Design) -> Work {
    let plan = Plan::new(design).expect("a sound design");
    let mut replica = Replica::new(&plan);
    Box::new(move |first, years| (first..first + years).map(|r| replica.run(&plan, 1, r).events).sum())
}

fn pipeline(design: &Design) -> Work {
    let designs = [design.clone()];
    Box::new(move |_, years| {
        let options = Options { replications: years, ..Options::default() };
        let study = experiment::run(black_box(&designs), &options).expect("sound designs");
        study.architectures.iter().map(|summary| summary.events).sum()
    })
}

fn plain(units: u32, required: u32) -> Work {
    let model = Model { zones: 3, units_per_zone: units.div_ceil(3) as usize, required: required as usize };
    Box::new(move |first, years| (first..first + years).map(|r| black_box(year(model, r)).0).sum())
}

fn main() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    one.expect("nothing has run in parallel before");
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let turns: u32 = arguments.next().and_then(|turns| turns.parse().ok()).unwrap_or(60);
    let part = arguments.next().unwrap_or_default();
    let kinds = [("exponential", Kind::Exponential), ("weibull", Kind::Weibull), ("lognormal", Kind::Lognormal)];
    let mut workloads = Vec::new();
    for (units, required, years) in [(6, 4, 8_192), (999, 666, 64), (9_999, 6_666, 8)] {
        let mut add = |what: &str, years, work| workloads.push(Workload::new(format!("{units} {what}"), years, work));
        // It is slow: fewer years, so that a turn is as short as the others and as seldom interrupted by what else runs.
        add("straightforward", years / 8, plain(units, required));
        for (name, kind) in kinds {
            let design = masked_units(units, required, kind, kind);
            add(&format!("{name} replications"), years, replications(&design));
            add(&format!("{name} experiment"), years, pipeline(&design));
            if units == 6 {
                // Pilots are a part of the years above, and hardly any of these.
                add(&format!("{name} experiment of eight times the years"), 8 * years, pipeline(&design));
            }
        }
    }
    workloads.retain(|workload| workload.name.starts_with(&part));
    for _ in 0..turns {
        workloads.iter_mut().for_each(Workload::turn);
    }
    println!("| units, laws, what | ns per event | straightforward over it | over the exponential case |");
    println!("|---|---|---|---|");
    let least = |name: &str| workloads.iter().find(|workload| workload.name == name).map(|workload| workload.least);
    let over = |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
    for Workload { name, least: mine, .. } in &workloads {
        let (units, what) = name.split_once(' ').unwrap_or_default();
        let plain = least(&format!("{units} straightforward")).map(|plain| plain / mine);
        let way = what.split_once(' ').map_or("", |(_, way)| way);
        let without_memory = least(&format!("{units} exponential {way}")).map(|without| mine / without);
        println!("| {name} | {:.1} | {} | {} |", mine * 1e9, over(plain), over(without_memory));
    }
}
