//! Models whose rare loss is known on paper: of exponential lives and repairs, of lives that age, and of spares that are not always there.

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

/// The same whose lives are Weibull of a shape and a mean of 20 days, with repairs of a lognormal law.
///
/// Machines fail and are repaired independently of each other, so that long after the start each is down for r / (m + r) of the time, m and r the
/// means, whatever the laws (alternating renewal processes; Cox 1962). How long after: the difference decays with the tail of what is left
/// of a life, exp(-(t / scale)^shape), which after 40 mean lives is below 2e-7 for a shape of 0.7, and much smaller for 3.
fn ageing(name: &'static str, count: u32, required: u32, shape: f64, minutes: f64) -> Model {
    let text = format!(
        "region.r.zones = ['a']\ntier.t = {{ required = {required}, pool = {{ units = {count} }} }}\n\
         simulation = {{ warm_up = '800d', horizon = '1000d' }}\n\
         [failure.unit]\nscope = 'unit:t'\nmttf = {{ weibull = {{ mean = '20d', shape = {shape} }} }}\n\
         repair = {{ lognormal = {{ mean = '{minutes}m', sigma = 0.8 }} }}\n"
    );
    model(name, too_few(count, required, down(20.0 * 1_440.0, minutes)), &text)
}

/// Two sites, each down with its own outages, whose lives age.
fn ageing_sites() -> Model {
    let text = "region.clients.zones = ['c']\nregion.a.zones = ['a1']\nregion.b.zones = ['b1']\n\
        simulation = { warm_up = '800d', horizon = '1000d' }\n\
        stack.s = { regions = ['clients'], requires = ['d'] }\n\
        database.d = { kind = 'quorum', nodes = 2, zones = ['a1', 'b1'], write_quorum = 1, read_quorum = 1 }\n\
        [failure.region]\nscope = ['region:a', 'region:b']\nmttf = { gamma = { mean = '20d', shape = 2.5 } }\n\
        repair = { exponential = '20m' }\n";
    let q = down(20.0 * 1_440.0, 20.0);
    model("both of two sites of gamma lives", q * q, text)
}

/// A machine and a cold spare that takes its place with probability 0.998.
///
/// By how it stands: all well; one under repair (l c); the place empty although the spare is well (l (1 - c)), until its unit is repaired (m); both
/// under repair (l), after which that of the place is back first, or the other one, which then takes the place or does not (m (1 + c),
/// m (1 - c)). With the balance of each state by that of all well, l and m failures and repairs per second:
/// one = l c / (m + l (1 - c) / 2), both = one l / (2 m), empty = (1 - c) (l / m + both).
fn covered() -> Model {
    let (c, days, hours): (f64, f64, f64) = (0.998, 60.0, 2.0);
    let ratio = hours / (days * 24.0);
    let one = ratio * c / (1.0 + 0.5 * ratio * (1.0 - c));
    let both = one * ratio / 2.0;
    let empty = (1.0 - c) * (ratio + both);
    let text = "region.r.zones = ['a']\n\
        tier.t = { required = 1, pool = { units = 1, spares = { count = 1, coverage = 0.998 } } }\n\
        simulation = { warm_up = '10d', horizon = '200d' }\n\
        failure.unit = { scope = 'unit:t', mttf = '60d', repair = { exponential = '2h' } }\n";
    model("a spare that is not always there", (both + empty) / (1.0 + one + both + empty), text)
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

/// Models with lives that age, and one with a draw that decides.
pub fn other_models() -> Vec<Model> {
    vec![
        ageing("one of two machines that wear out", 2, 1, 3.0, 20.0),
        ageing("two of three machines that fail early", 3, 2, 0.7, 5.0),
        ageing("one of three machines that wear out", 3, 1, 3.0, 20.0),
        ageing_sites(),
        covered(),
    ]
}

/// Six of exponential laws, from 1e-6 to 1e-12.
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
