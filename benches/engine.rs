//! Events per second: the engine on small and large designs, beside the straightforward simulator of the same model.

mod designs;
mod straightforward;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use designs::masked_units;
use ridethrough::simulation::{Plan, Replica};
use std::hint::black_box;
use straightforward::{Model, year};

/// One year of masked units, by the engine and by the straightforward simulator: time per event, so that the two compare.
fn masked(c: &mut Criterion, name: &str, units: u32, required: u32) {
    let mut group = c.benchmark_group(name);
    let plan = Plan::new(&masked_units(units, required)).expect("a sound design");
    let mut replica = Replica::new(&plan);
    let years = if units > 100 { 4 } else { 200 };
    let events: u64 = (0..years).map(|r| replica.run(&plan, 1, r).events).sum();
    group.throughput(Throughput::Elements(events));
    group.bench_function("ridethrough", |b| {
        b.iter(|| (0..years).map(|r| replica.run(&plan, 1, r).down).sum::<f64>());
    });
    let zones = 3;
    let per_zone = units.div_ceil(3) as usize;
    let model = Model { zones, units_per_zone: per_zone, required: required as usize };
    let events: u64 = (0..years).map(|r| year(model, r).0).sum();
    group.throughput(Throughput::Elements(events));
    group.bench_function("straightforward", |b| {
        b.iter(|| (0..years).map(|r| year(black_box(model), r).1).sum::<f64>());
    });
    group.finish();
}

fn engine(c: &mut Criterion) {
    masked(c, "6 units in 3 zones, 4 needed", 6, 4);
    masked(c, "999 units in 3 zones, 666 needed", 999, 666);
    masked(c, "9,999 units in 3 zones, 6,666 needed", 9_999, 6_666);
}

criterion_group!(benches, engine);
criterion_main!(benches);
