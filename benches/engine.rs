//! Events per second: one replication after the other, whole experiments with every metric and interval, and the shipped
//! comparison, beside the straightforward simulator of the same model.

mod designs;
mod straightforward;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use designs::{Kind, masked_units};
use ridethrough::experiment::{self, Options};
use ridethrough::model::Design;
use ridethrough::scenario;
use ridethrough::simulation::{Plan, Replica};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;
use straightforward::{Model, year};

/// Runs an experiment, from the designs to the study, and returns how many events it saw.
fn events_of(designs: &[Design], replications: u64) -> u64 {
    let study = experiment::run(designs, &Options { replications, ..Options::default() }).expect("sound designs");
    study.architectures.iter().map(|summary| summary.events).sum()
}

/// One year after the other in one replica.
fn replications(group: &mut BenchmarkGroup<WallTime>, name: &str, design: &Design, years: u64) {
    let plan = Plan::new(design).expect("a sound design");
    let mut replica = Replica::new(&plan);
    let events: u64 = (0..years).map(|r| replica.run(&plan, 1, r).events).sum();
    group.throughput(Throughput::Elements(events));
    group.bench_function(name, |b| b.iter(|| (0..years).map(|r| replica.run(&plan, 1, r).down).sum::<f64>()));
}

/// An experiment from the design to the study.
fn pipeline(group: &mut BenchmarkGroup<WallTime>, name: &str, designs: &[Design], years: u64) {
    group.throughput(Throughput::Elements(events_of(designs, years)));
    group.bench_function(name, |b| b.iter(|| events_of(black_box(designs), years)));
}

/// Years of masked units: time per event, so that the engine and the straightforward simulator compare.
fn masked(c: &mut Criterion, name: &str, (units, required): (u32, u32), years: u64) {
    let mut group = c.benchmark_group(name);
    let design = masked_units(units, required, Kind::Exponential, Kind::Exponential);
    replications(&mut group, "replications", &design, years);
    pipeline(&mut group, "experiment", &[design], years);
    let model = Model { zones: 3, units_per_zone: units.div_ceil(3) as usize, required: required as usize };
    let events: u64 = (0..years).map(|r| year(model, r).0).sum();
    group.throughput(Throughput::Elements(events));
    group.bench_function("straightforward", |b| {
        b.iter(|| (0..years).map(|r| year(black_box(model), r).1).sum::<f64>());
    });
    group.finish();
}

/// Lives and repairs with memory: every unit has its own clock.
fn with_memory(c: &mut Criterion) {
    let mut group = c.benchmark_group("6 units in 3 zones, 4 needed, lives with memory");
    for (name, kind) in [("weibull", Kind::Weibull), ("lognormal", Kind::Lognormal)] {
        replications(&mut group, name, &masked_units(6, 4, kind, kind), 4_096);
    }
    group.finish();
}

/// The scenarios that are shipped, from their files to the study.
fn shipped(c: &mut Criterion) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files: Vec<PathBuf> =
        ["single-az", "multi-az", "multi-region"].iter().map(|name| folder.join(name).with_extension("toml")).collect();
    let designs = |files: &[PathBuf]| scenario::load(files).expect("sound scenarios").designs;
    let mut group = c.benchmark_group("single-az, multi-az and multi-region compared");
    group.bench_function("from files to designs", |b| b.iter(|| designs(black_box(&files)).len()));
    pipeline(&mut group, "experiment", &designs(&files), 1_000);
    group.finish();
}

fn engine(c: &mut Criterion) {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    one.expect("nothing has run in parallel before");
    masked(c, "6 units in 3 zones, 4 needed", (6, 4), 4_096);
    masked(c, "999 units in 3 zones, 666 needed", (999, 666), 32);
    masked(c, "9,999 units in 3 zones, 6,666 needed", (9_999, 6_666), 4);
    with_memory(c);
    shipped(c);
}

/// Short: what is compared is compared within one run.
fn briefly() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! { name = benches; config = briefly(); targets = engine }
criterion_main!(benches);
