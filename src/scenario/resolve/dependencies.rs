//! Dependencies, and what stands before them: callers, retries, circuit breakers, capacity.

use super::{Resolver, geography::Geography, stacks::Plan};
use crate::model::{self, Trip};
use crate::scenario::catalog::{Entry, catalog};
use crate::scenario::choices::{BreakerPreset, Jitter};
use crate::scenario::decoder::{Given, Named};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables::{Breaker, Client, Dependency, Overload, Retry};
use crate::units::{Fraction, Rate, Seconds};

/// More attempts than this are not made by anything.
const MOST_ATTEMPTS: u32 = 1000;

/// The dependencies that are used, sorted by name.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Vec<model::Dependency> {
    let scenario = resolver.scenario;
    let mut list = Vec::new();
    for Named { name, table, .. } in &scenario.dependency {
        let region = table.region.as_ref().and_then(|region| {
            let name = Given { value: region.value.0.clone(), place: region.place.clone(), origin: region.origin };
            resolver.lookup("region", &name, &geography.region_of)
        });
        let breaker = table.breaker.as_ref().map(|given| breaker(resolver, &given.value));
        let dependency = model::Dependency {
            name: name.value.clone(),
            region,
            cost: table.cost.value,
            client: client(resolver, table),
            retry: table.retry.as_ref().map_or_else(model::Retry::default, |given| retry(resolver, &given.value)),
            breaker,
            overload: table.overload.as_ref().map(|given| overload(resolver, &given.value)),
        };
        if plan.dependencies.contains_key(&name.value) {
            list.push(dependency);
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

fn preset(table: &Dependency) -> BreakerPreset {
    table.breaker.as_ref().map_or(BreakerPreset::Lesson, |breaker| breaker.value.preset.value)
}

/// The timeout matters only where something waits for it.
fn client(resolver: &mut Resolver, table: &Dependency) -> model::Client {
    let given: Option<&Client> = table.client.as_ref().map(|given| &given.value);
    let waited_for = table.breaker.is_some() || table.retry.is_some() || given.is_some_and(|c| c.pool.is_some());
    let stated = given.and_then(|client| client.timeout.as_ref());
    let timeout = match (stated, preset(table)) {
        (Some(timeout), _) => timeout.value.0,
        (None, _) if !waited_for => model::Client::default().timeout,
        (None, BreakerPreset::Hystrix) => {
            duration(assumed(resolver, &table.place, "client.timeout", "hystrix.timeout"))
        }
        (None, _) => duration(assumed(resolver, &table.place, "client.timeout", "lesson.timeout")),
    };
    if let Some(pool) = given.and_then(|client| client.pool.as_ref())
        && let Some(overload) = &table.overload
    {
        let problem = Problem::error(
            "pool-with-overload",
            &pool.place,
            "a pool bounds the load on a dependency, which an overload is worked out without",
        );
        let problem = problem.also(&overload.place, "the overload");
        resolver.report(problem.help("leave out one of them: the one that gives way later"));
    }
    model::Client {
        share: given.map_or(Fraction::ONE, |client| client.share.value),
        calls: given.and_then(|client| client.calls.as_ref()).map(|calls| calls.value),
        timeout,
        pool: given.and_then(|client| client.pool.as_ref()).map(|pool| pool.value.0),
    }
}

fn retry(resolver: &mut Resolver, table: &Retry) -> model::Retry {
    let attempts = table.attempts.value.0;
    if table.attempts.sound().is_some() && attempts > MOST_ATTEMPTS {
        let message = format!("{attempts} attempts are more than {MOST_ATTEMPTS}");
        let problem = Problem::error("out-of-range", &table.attempts.place, message);
        resolver.report(problem.help("callers give up after a few: write for example `attempts = 3`"));
        return model::Retry::default();
    }
    let longest = table.longest.as_ref().map_or(f64::INFINITY, |longest| longest.value.get());
    let mean = match table.jitter.value {
        Jitter::None => 1.0,
        Jitter::Full => 0.5,
        Jitter::Equal => 0.75,
    };
    let mut wait = table.backoff.value.get();
    let mut waits = Vec::new();
    for _ in 1..attempts {
        waits.push(Seconds(wait.min(longest) * mean));
        wait *= table.factor.value;
    }
    if waits.iter().any(|wait| wait.get() > Seconds::YEAR.get()) {
        let problem = Problem::error("out-of-range", &table.factor.place, "the waits grow beyond a year");
        resolver.report(problem.help("lower `factor` or `attempts`, or bound the waits with `longest`"));
        return model::Retry::default();
    }
    model::Retry { attempts, waits }
}

fn overload(resolver: &mut Resolver, table: &Overload) -> model::Overload {
    let capacity = table.capacity.value;
    if table.capacity.sound() == Some(&Rate::ZERO) {
        let problem =
            Problem::error("out-of-range", &table.capacity.place, "a dependency that takes no call never answers");
        resolver.report(problem.help("write a rate above 0, for example `\"100/s\"`"));
    }
    model::Overload { capacity, goodput: table.goodput.value, intervention: table.intervention.value.clone() }
}

fn breaker(resolver: &mut Resolver, table: &Breaker) -> model::Breaker {
    let preset = match table.preset.value {
        BreakerPreset::Lesson => "lesson",
        BreakerPreset::Resilience4j => "resilience4j",
        BreakerPreset::Polly => "polly",
        BreakerPreset::Hystrix => "hystrix",
    };
    let trip = trip(resolver, table, preset);
    let mut value = |key: &str| assumed(resolver, &table.place, key, &format!("{preset}.{key}"));
    model::Breaker {
        trip,
        reset_timeout: table
            .reset_timeout
            .as_ref()
            .map_or_else(|| duration(value("reset_timeout")), |given| given.value.0),
        half_open: table.half_open.as_ref().map_or_else(|| count(value("half_open")), |given| given.value.0),
        fallback: table.fallback.value,
        callers: table.callers.value.0,
    }
}

/// What opens the breaker: what is stated, and what the preset says of the rest.
fn trip(resolver: &mut Resolver, table: &Breaker, preset: &str) -> Trip {
    let place = |given: &Option<Given<crate::scenario::kinds::AtLeastOne>>| given.as_ref().map(|it| it.place.clone());
    let of_window = [
        table.failure_share.as_ref().map(|it| it.place.clone()),
        table.window.as_ref().map(|it| it.place.clone()),
        place(&table.window_calls),
        place(&table.minimum_calls),
    ];
    let of_window = of_window.into_iter().flatten().next();
    if let Some(threshold) = &table.failure_threshold {
        if let Some(other) = &of_window {
            let problem =
                Problem::error("two-trips", &threshold.place, "a breaker counts failures in a row or in a window");
            resolver.report(
                problem.also(other, "of a window").help("leave out `failure_threshold`, or all keys of the window"),
            );
        }
        return Trip::Consecutive(threshold.value.0);
    }
    if let (Some(time), Some(calls)) = (&table.window, &table.window_calls) {
        let problem = Problem::error("two-trips", &time.place, "a window has a length in time or in calls");
        resolver.report(problem.also(&calls.place, "in calls").help("leave out one of `window` and `window_calls`"));
    }
    let known = |key: &str| catalog().get(&format!("breaker.{preset}.{key}")).is_some();
    if of_window.is_none() && known("failure_threshold") {
        return Trip::Consecutive(count(assumed(
            resolver,
            &table.place,
            "failure_threshold",
            &format!("{preset}.failure_threshold"),
        )));
    }
    let missing = match () {
        () if table.failure_share.is_none() && !known("failure_share") => Some("failure_share"),
        () if table.window.is_none() && table.window_calls.is_none() && !known("window") && !known("window_calls") => {
            Some("window")
        }
        () => None,
    };
    if let (Some(key), Some(place)) = (missing, &of_window) {
        let problem = Problem::error("missing-key", place, format!("a breaker with a window needs `{key}`, too"));
        resolver.report(problem.help("write for example `failure_share = \"50%\"` and `window = \"10s\"`"));
        return Trip::Consecutive(1);
    }
    let mut value = |key: &str| assumed(resolver, &table.place, key, &format!("{preset}.{key}"));
    let share = match &table.failure_share {
        Some(given) => given.value,
        None => value("failure_share").and_then(Entry::fraction).unwrap_or(Fraction::ONE),
    };
    let trip = match (&table.window, &table.window_calls) {
        (None, Some(calls)) => Trip::OfCalls { share, window: calls.value.0 },
        (None, None) if known("window_calls") => Trip::OfCalls { share, window: count(value("window_calls")) },
        (time, _) => {
            let window = time.as_ref().map_or_else(|| duration(value("window")), |given| given.value.0);
            let minimum = match &table.minimum_calls {
                Some(given) => given.value.0,
                None if known("minimum_calls") => count(value("minimum_calls")),
                None => 1,
            };
            Trip::OfTime { share, window, minimum }
        }
    };
    if let Some(given) = table.failure_share.as_ref().filter(|given| given.sound() == Some(&Fraction::ZERO)) {
        let problem = Problem::error("out-of-range", &given.place, "a share of 0 is reached without a failure");
        resolver.report(problem.help("write a share above 0, for example `\"50%\"`"));
    }
    trip
}

/// A value of the catalog that the scenario does not state.
fn assumed(resolver: &mut Resolver, table: &Place, key: &str, entry: &str) -> Option<&'static Entry> {
    let entry = catalog().get(&format!("breaker.{entry}"))?;
    resolver.assumptions.push(entry.assumption(format!("{}.{key}", table.key)));
    Some(entry)
}

fn duration(entry: Option<&Entry>) -> Seconds {
    entry.and_then(Entry::duration).unwrap_or(Seconds(1.0))
}

fn count(entry: Option<&Entry>) -> u32 {
    entry.and_then(|entry| entry.value.parse().ok()).unwrap_or(1)
}
