//! Dependencies that overload themselves, and breakers that never open.

use crate::mechanism::dependency::amplification;
use crate::model::{Dependency, Design, Trip};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables::Scenario;
use crate::units::Rate;

/// Looks at every dependency of the design.
pub fn check(scenario: &Scenario, design: &Design, problems: &mut Vec<Problem>) {
    for table in &scenario.dependency {
        let Some(dependency) = design.dependencies.iter().find(|it| it.name == table.name.value) else {
            continue;
        };
        let client = &dependency.client;
        let calls = client.calls.unwrap_or(Rate(client.share.get() * design.demand.rate.get()));
        if let Some(given) = &table.table.overload {
            problems.extend(overload(dependency, calls, &given.value.capacity.place));
        }
        if let Some(given) = &table.table.breaker {
            problems.extend(never_opens(dependency, calls, &given.place));
        }
    }
}

/// An overload feeds itself if attempts exceed the capacity even where as much as the overload leaves is answered: below
/// calls (1 + z + ... + z^(attempts - 1)) with z = 1 - goodput.
fn overload(dependency: &Dependency, calls: Rate, place: &Place) -> Option<Problem> {
    let overload = dependency.overload.as_ref()?;
    let (name, capacity, attempts) = (&dependency.name, overload.capacity, dependency.retry.attempts);
    if calls > capacity {
        let message = format!("`{name}` gets {calls} and can take {capacity}: it is overloaded before anything fails");
        let problem = Problem::warning("overloaded-from-the-start", place, message);
        return Some(problem.help("is the unit right? raise `capacity`, or state `calls` or `share` of its client"));
    }
    let safe = Rate(calls.get() * amplification(1.0 - overload.goodput.get(), attempts));
    if capacity >= safe || takes_the_load_off(dependency, calls) {
        return None;
    }
    let message =
        format!("metastable: an overload of `{name}` feeds itself, since {attempts} attempts per call need {safe}");
    let problem = Problem::warning("metastable-possible", place, message).label(format!("can happen below {safe}"));
    Some(
        problem.help(
            "raise `capacity`, lower `attempts`, shed load (`goodput`), or add a `breaker`: it takes the load off",
        ),
    )
}

/// A breaker opens in the overload that would feed itself.
fn takes_the_load_off(dependency: &Dependency, calls: Rate) -> bool {
    let (Some(breaker), Some(overload)) = (&dependency.breaker, &dependency.overload) else { return false };
    let failing = 1.0 - overload.goodput.get() * overload.capacity.get() / calls.get();
    match breaker.trip {
        Trip::Consecutive(_) => true,
        Trip::OfCalls { share, .. } | Trip::OfTime { share, .. } => failing >= share.get(),
    }
}

fn never_opens(dependency: &Dependency, calls: Rate, place: &Place) -> Option<Problem> {
    let breaker = dependency.breaker.as_ref()?;
    let Trip::OfTime { window, minimum, .. } = breaker.trip else { return None };
    let seen = calls.get() / f64::from(breaker.callers) * window.get();
    if seen >= f64::from(minimum) {
        return None;
    }
    let message = format!(
        "the breaker of `{}` never opens: it sees {seen:.1} calls in {window}, and concludes nothing from fewer than {minimum}",
        dependency.name
    );
    let problem = Problem::warning("breaker-never-opens", place, message);
    Some(problem.help("lower `minimum_calls`, lengthen `window`, or use `failure_threshold`"))
}
