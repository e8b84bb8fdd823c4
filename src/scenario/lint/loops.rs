//! Auto scaling groups that throw away units before they are ready.

use crate::law::Law;
use crate::model::CheckType;
use crate::scenario::problem::Problem;
use crate::scenario::tables::{AutoScaling, LoadBalancer, Scenario};
use crate::units::Seconds;

/// Rarer than this a lost launch is not worth a word.
const RARE: f64 = 1e-6;

/// How likely a launch is thrown away because its boot outlasts grace and detection.
pub struct Outlasting {
    /// Probability per launch.
    pub probability: f64,
    /// Longest time from launch to a verdict (s).
    pub latest: f64,
}

/// None where the settings cannot be read, or where the group does not ask its load balancer.
pub fn outlasting(group: &AutoScaling, balancer: &LoadBalancer) -> Option<Outlasting> {
    if *group.check.sound()? != CheckType::Elb {
        return None;
    }
    let grace = group.grace.sound()?.get();
    let boot = group.boot.sound()?;
    let detection = balancer.check().detection_law()?;
    let latest = grace + detection.quantile(1.0);
    // A verdict at the very end of the boot comes after it; with a random phase that never happens.
    let random_phase = balancer.detection.is_none();
    let shortest = boot.quantile(0.0);
    let always = if random_phase { shortest >= latest } else { shortest > latest };
    let probability = if always { 1.0 } else { outlasts(boot, grace, &detection) };
    Some(Outlasting { probability, latest })
}

/// Probability that a boot takes longer than grace and detection.
fn outlasts(boot: &Law, grace: f64, detection: &Law) -> f64 {
    const POINTS: usize = 128;
    match detection {
        Law::Never => 0.0,
        Law::Fixed(delay) => 1.0 - boot.cdf(grace + delay),
        Law::Mixture(parts) => parts.iter().map(|(weight, law)| weight * outlasts(boot, grace, law)).sum(),
        law => {
            let delay = |index: usize| law.quantile((index as f64 + 0.5) / POINTS as f64);
            (0..POINTS).map(|index| 1.0 - boot.cdf(grace + delay(index))).sum::<f64>() / POINTS as f64
        }
    }
}

/// Warns about groups that lose launches.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    for tier in &scenario.tier {
        let (Some(group), Some(balancer)) = (&tier.table.auto_scaling, &tier.table.load_balancer) else {
            continue;
        };
        let Some(found) = outlasting(&group.value, &balancer.value) else {
            continue;
        };
        let (grace, boot) = (&group.value.grace, &group.value.boot);
        let name = &tier.name.value;
        let latest = Seconds(found.latest);
        let (place, other, label) = match grace.stated() {
            true => (&grace.place, &boot.place, "the boot"),
            false => (&boot.place, &grace.place, "the grace period"),
        };
        let fix = |least: Seconds| format!("raise `grace` above {least}, or shorten `boot`");
        if found.probability >= 1.0 {
            let message = format!(
                "replacement loop: every new unit of `{name}` is removed at most {latest} after launch, before it has booted ({})",
                boot.value
            );
            let mut problem = Problem::warning("replacement-loop", place, message)
                .label("no unit that is replaced ever serves again");
            if other.span != place.span {
                problem = problem.also(other, label);
            }
            problems.push(problem.help(fix(Seconds(boot.value.quantile(1.0)))));
        } else if found.probability > RARE {
            let percent = found.probability * 100.0;
            let shown = if percent >= 1.0 { format!("{percent:.0} %") } else { format!("{percent:.1e} %") };
            let message = format!(
                "{shown} of the launches of `{name}` boot for longer than grace and detection, and are thrown away"
            );
            let mut problem = Problem::warning("replacement-loop-possible", place, message);
            if other.span != place.span {
                problem = problem.also(other, label);
            }
            problems.push(problem.help(fix(Seconds(boot.value.quantile(0.999)))));
        }
    }
}
