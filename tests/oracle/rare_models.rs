//! Models of exponential lives and repairs whose rare loss is known on paper.

use ridethrough::model::Design;
use ridethrough::scenario::load_text;

/// A model and the share of time in which it is down.
pub struct Model {
    pub name: &'static str,
    pub design: Design,
    pub exact: f64,
}

fn model(name: &'static str, exact: f64, text: &str) -> Model {
    let mut loaded = load_text(name, text).unwrap_or_else(|problems| panic!("{problems}"));
    Model { name, design: loaded.designs.remove(0), exact }
}

/// Share of time that an alternating process is down, with these means in one unit.
fn down(up: f64, down: f64) -> f64 {
    down / (up + down)
}

/// Probability that fewer than `required` of `count` are up, each down with probability `q`.
fn too_few(count: u32, required: u32, q: f64) -> f64 {
    let mut sum = 0.0;
    for failed in count - required + 1..=count {
        let mut term = 1.0;
        for place in 0..count {
            // Each factor of the binomial coefficient beside one of the probabilities.
            term *= if place < failed { q * f64::from(count - place) / f64::from(place + 1) } else { 1.0 - q };
        }
        sum += term;
    }
    sum
}

/// So many machines, of which so many are needed, each failing after so many days for so many minutes.
fn machines(name: &'static str, count: u32, required: u32, days: f64, minutes: f64) -> Model {
    let text = format!(
        "region.r.zones = ['a']\ntier.t = {{ required = {required}, pool = {{ units = {count} }} }}\n\
         simulation = {{ warm_up = '10d', horizon = '200d' }}\n\
         failure.unit = {{ scope = 'unit:t', mttf = '{days}d', repair = {{ exponential = '{minutes}m' }} }}\n"
    );
    model(name, too_few(count, required, down(days * 1_440.0, minutes)), &text)
}

/// Two regions of three zones each; a region is down for itself or with two of its zones.
fn two_regions() -> Model {
    let (z, r) = (down(2.0 * 8_760.0, 2.0), down(4.0 * 8_760.0, 1.0));
    let region = 1.0 - (1.0 - r) * (1.0 - too_few(3, 2, z));
    let text = "region.clients.zones = ['c']\nregion.a.zones = ['a1', 'a2', 'a3']\nregion.b.zones = ['b1', 'b2', 'b3']\n\
        simulation = { warm_up = '10d', horizon = '200d' }\n\
        stack.s = { regions = ['clients'], requires = [{ any_of = ['a', 'b'] }] }\n\
        database.a = { kind = 'quorum', nodes = 3, zones = ['a1', 'a2', 'a3'] }\n\
        database.b = { kind = 'quorum', nodes = 3, zones = ['b1', 'b2', 'b3'] }\n\
        [failure.zone]\nscope = ['zone:a1', 'zone:a2', 'zone:a3', 'zone:b1', 'zone:b2', 'zone:b3']\nmttf = '2y'\n\
        repair = { exponential = '2h' }\n\
        [failure.region]\nscope = ['region:a', 'region:b']\nmttf = '4y'\nrepair = { exponential = '1h' }\n";
    model("two regions of three zones", region * region, text)
}

/// Three regions, all of which must be down.
fn three_regions() -> Model {
    let q = down(8_760.0, 1.0);
    let text = "region.clients.zones = ['c']\nregion.a.zones = ['a1']\nregion.b.zones = ['b1']\nregion.c.zones = ['c1']\n\
        simulation = { warm_up = '10d', horizon = '200d' }\n\
        stack.s = { regions = ['clients'], requires = ['d'] }\n\
        database.d = { kind = 'quorum', nodes = 3, zones = ['a1', 'b1', 'c1'], write_quorum = 1, read_quorum = 1 }\n\
        [failure.region]\nscope = ['region:a', 'region:b', 'region:c']\nmttf = '1y'\nrepair = { exponential = '1h' }\n";
    model("three of three regions", q * q * q, text)
}

/// A rare pair beside a frequent sextet, which leads to a loss a thousand times less often.
fn unbalanced() -> Model {
    let (pair, sextet) = (down(10.0 * 365.0 * 24.0, 1.0), down(480.0, 0.5));
    let text = "region.r.zones = ['a']\n\
        simulation = { warm_up = '10d', horizon = '200d' }\n\
        tier.pair = { required = 1, pool = { units = 2 } }\ntier.sextet = { required = 1, pool = { units = 6 } }\n\
        failure.one = { scope = 'unit:pair', mttf = '10y', repair = { exponential = '1h' } }\n\
        failure.other = { scope = 'unit:sextet', mttf = '20d', repair = { exponential = '30m' } }\n";
    let (pair, sextet) = (pair * pair, sextet * sextet * sextet);
    model("a rare pair beside a frequent sextet", 1.0 - (1.0 - pair) * (1.0 - sextet * sextet), text)
}

/// Six of them, from 1e-6 to 1e-12.
pub fn models() -> Vec<Model> {
    vec![
        machines("one of two machines", 2, 1, 14.0, 20.0),
        machines("two of four machines", 4, 2, 60.0, 120.0),
        two_regions(),
        unbalanced(),
        machines("four of eight machines", 8, 4, 60.0, 180.0),
        three_regions(),
    ]
}
