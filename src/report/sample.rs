//! Hand-made studies for the tests of every report.

use super::SweepPoint;
use super::metric::YEAR;
use crate::experiment::{Band, Swing, Uncertainty};
use crate::model::Assumption;
use crate::statistics::{Estimate, Spread};
use crate::study::{
    Cause, Comparison, Distribution, Judgement, Objective, OpenEstimate, Study, Summary, Verdict, Warning,
};

/// An estimate with a symmetric interval.
pub(super) fn estimate(estimate: f64, half_width: f64) -> Estimate {
    Estimate { estimate, low: estimate - half_width, high: estimate + half_width, level: 0.95, method: "student" }
}

/// A distribution that is lognormal about `median`, from evenly spread ranks.
pub(super) fn distribution(median: f64, sigma: f64, count: u64) -> Distribution {
    if count == 0 {
        return Distribution::default();
    }
    let mut values: Vec<f64> = (0..count)
        .map(|rank| {
            let share = (rank as f64 + 0.5) / count as f64;
            // The logistic is close enough to the normal for a picture, and has a closed inverse.
            median * (sigma * 0.55 * (share / (1.0 - share)).ln()).exp()
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let mut spread = Spread::default();
    for value in &values {
        spread.push(*value);
    }
    let at = |share: f64| values[((count as f64 * share) as usize).min(values.len() - 1)];
    let near = |value: f64| Some(estimate(value, value * 0.1));
    Distribution {
        mean: near(values.iter().sum::<f64>() / count as f64),
        p50: near(at(0.5)),
        p95: near(at(0.95)),
        p99: near(at(0.99)),
        max: values.last().copied(),
        count,
        spread,
    }
}

/// An architecture that loses about `lost` seconds a year.
pub(super) fn summary(name: &str, lost: f64, causes: &[(&str, f64)]) -> Summary {
    let lost_share = lost / YEAR;
    let nines = -lost_share.log10();
    let lost_estimate = estimate(lost, lost * 0.1);
    let unavailability = estimate(lost_share, lost_share * 0.1);
    let availability = estimate(1.0 - lost_share, lost_share * 0.1);
    let verdict = match nines {
        n if n > 3.8 => Judgement::Met,
        n if n > 3.2 => Judgement::Inconclusive,
        _ => Judgement::Missed,
    };
    Summary {
        name: name.to_owned(),
        question: Some("Is a second zone, or a second region, worth it for the shop?".to_owned()),
        up_threshold: 0.99,
        replications: 10_000,
        simulated_years: 10_000.0,
        events: 1_234_567,
        method: "simulated".to_owned(),
        gain: None,
        availability_request: availability,
        availability_time: availability,
        unavailability_request: unavailability,
        unavailability_time: unavailability,
        unavailability_read: None,
        unavailability_write: None,
        nines: OpenEstimate {
            estimate: Some(nines),
            low: nines - 0.09,
            high: Some(nines + 0.11),
            level: 0.95,
            method: "student",
        },
        downtime_per_year: distribution(lost, 0.6, 400),
        lost_seconds_per_year: lost_estimate,
        incidents_per_year: estimate(lost / 900.0, lost / 9_000.0),
        open_incidents: 3,
        longest_incident: estimate(lost / 3.0, lost / 30.0),
        recovery_time: distribution(lost.sqrt() * 6.0, 0.8, 900),
        data_loss: distribution(lost / 4_000.0, 0.5, 40),
        lost_writes_per_year: estimate(lost / 50.0, lost / 500.0),
        unrecoverable_per_year: None,
        temporary_loss: None,
        metastable_incidents_per_year: None,
        users_logged_out_per_year: None,
        probability_month_met: None,
        probability_quarter_met: None,
        error_budget: None,
        excluded_seconds_per_year: None,
        probability_objective_met: Some(Estimate {
            estimate: 1.0 / (1.0 + lost / 20_000.0),
            low: 1.0 / (1.0 + lost / 19_000.0) - 0.01,
            high: 1.0 / (1.0 + lost / 21_000.0) + 0.003,
            level: 0.95,
            method: "clopper-pearson",
        }),
        attribution: causes
            .iter()
            .map(|(cause, share)| {
                let seconds = lost * share;
                Cause {
                    name: (*cause).to_owned(),
                    lost_seconds_per_year: estimate(seconds, seconds * 0.2),
                    share: *share,
                    incidents_per_year: estimate(seconds / 900.0, seconds / 9_000.0),
                    recovery_time: distribution(seconds.sqrt() * 6.0, 0.8, 50),
                    stages: [0.1, 0.05, 0.15, 0.2, 0.5].map(|part| part * seconds),
                }
            })
            .collect(),
        headroom: Vec::new(),
        cost_per_year: Some(12_345.6),
        downtime_cost_per_year: None,
        bill: Some(crate::model::Bill {
            currency: "USD".to_owned(),
            charges: vec![crate::model::Charge {
                what: "DNS queries".to_owned(),
                count: 1.0,
                each: crate::units::Price(12_345.6 / 8_760.0),
            }],
            downtime: None,
        }),
        by_hand: None,
        rare: None,
        exact: None,
        dns_queries_per_year: Some(3.2e9),
        objectives: vec![
            Objective {
                metric: "availability".to_owned(),
                limit: 0.9995,
                value: Some(estimate(1.0 - lost_share, lost_share * 0.1)),
                verdict,
            },
            Objective {
                metric: "recovery_time.p95".to_owned(),
                limit: 3_600.0,
                value: Some(estimate(lost.sqrt() * 20.0, lost.sqrt() * 2.0)),
                verdict: if lost < 5_000.0 { Judgement::Met } else { Judgement::Inconclusive },
            },
        ],
        assumptions: vec![Assumption {
            key: "tier.web.load_balancer.interval".to_owned(),
            value: "30s".to_owned(),
            catalog: "aws.alb.interval".to_owned(),
            source: "AWS documentation, 2026-11".to_owned(),
            grade: "V".to_owned(),
        }],
        warnings: Vec::new(),
    }
}

/// Paired differences of the first architecture of each pair against the second.
pub(super) fn comparison(left: &Summary, right: &Summary, verdict: Verdict) -> Comparison {
    let difference = left.lost_seconds_per_year.estimate - right.lost_seconds_per_year.estimate;
    Comparison {
        left: left.name.clone(),
        right: right.name.clone(),
        lost_seconds_per_year_difference: estimate(difference, difference.abs() / 8.0),
        verdict,
        variance_ratio: Some(3.4),
    }
}

const CAUSES: &[(&str, f64)] =
    &[("zone outage", 0.6), ("instance failure + zone outage", 0.3996), ("certificate expiry", 0.0004)];

/// Three architectures, of which the first is the worst.
pub(super) fn study() -> Study {
    let single = summary("single-az", 160_000.0, CAUSES);
    let mut multi = summary("multi-az", 12_500.0, CAUSES);
    let regions = summary("multi-region", 2_600.0, CAUSES);
    multi.warnings.push(Warning::FewIncidents { seen: 12 });
    let comparisons = vec![
        comparison(&single, &multi, Verdict::Worse),
        comparison(&single, &regions, Verdict::Worse),
        comparison(&multi, &regions, Verdict::Worse),
    ];
    Study {
        seed: 42,
        horizon_seconds: YEAR,
        level: 0.95,
        architectures: vec![single, multi, regions],
        comparisons,
        interrupted: false,
    }
}

/// One architecture.
pub(super) fn alone(summary: Summary) -> Study {
    Study {
        seed: 7,
        horizon_seconds: YEAR,
        level: 0.95,
        architectures: vec![summary],
        comparisons: Vec::new(),
        interrupted: false,
    }
}

/// An architecture in which nothing ever went wrong.
pub(super) fn lossless(name: &str) -> Summary {
    let none = Estimate { estimate: 0.0, low: 0.0, high: 3e-8, level: 0.95, method: "rule of three" };
    Summary {
        availability_request: Estimate { estimate: 1.0, low: 1.0 - 3e-8, high: 1.0, ..none },
        availability_time: Estimate { estimate: 1.0, low: 1.0 - 3e-8, high: 1.0, ..none },
        unavailability_request: none,
        unavailability_time: none,
        unavailability_read: None,
        unavailability_write: None,
        nines: OpenEstimate { estimate: None, low: 7.52, high: None, level: 0.95, method: "rule of three" },
        downtime_per_year: Distribution::default(),
        lost_seconds_per_year: Estimate { high: 0.95, ..none },
        incidents_per_year: Estimate { high: 0.000_3, ..none },
        open_incidents: 0,
        longest_incident: estimate(0.0, 0.0),
        recovery_time: Distribution::default(),
        data_loss: Distribution::default(),
        lost_writes_per_year: Estimate { high: 0.95, ..none },
        unrecoverable_per_year: None,
        temporary_loss: None,
        metastable_incidents_per_year: None,
        users_logged_out_per_year: None,
        probability_objective_met: None,
        attribution: Vec::new(),
        headroom: Vec::new(),
        cost_per_year: None,
        downtime_cost_per_year: None,
        bill: None,
        by_hand: None,
        rare: None,
        exact: None,
        dns_queries_per_year: None,
        objectives: Vec::new(),
        assumptions: Vec::new(),
        warnings: vec![Warning::NoLossSeen { years: 10_000.0 }],
        ..summary(name, 1.0, &[])
    }
}

/// A sweep of the TTL of a DNS record.
pub(super) fn sweep() -> (Vec<String>, Vec<SweepPoint>) {
    let ttls = [("5s", 5.0), ("30s", 30.0), ("60s", 60.0), ("5m", 300.0), ("15m", 900.0), ("1h", 3_600.0)];
    let points = ttls
        .iter()
        .map(|(text, seconds)| {
            let mut summary = summary("multi-region", 2_000.0 + 2.0 * seconds, CAUSES);
            summary.recovery_time = distribution(90.0 + seconds / 2.0, 0.4, 300);
            SweepPoint { settings: vec![("routing.dns.ttl".to_owned(), (*text).to_owned(), Some(*seconds))], summary }
        })
        .collect();
    (vec!["routing.dns.ttl".to_owned()], points)
}

/// Two parameters, one of them a word.
pub(super) fn sweep_of_two() -> (Vec<String>, Vec<SweepPoint>) {
    let mut points = Vec::new();
    for (place, zones) in [2.0, 3.0, 4.0].into_iter().enumerate() {
        for (step, engine) in ["aurora", "multi-az-instance", "single-node"].into_iter().enumerate() {
            let mut summary = summary("shop", 900.0 * 4_f64.powi(step as i32) / zones, CAUSES);
            if place == 2 && step == 0 {
                summary = lossless("shop");
            }
            points.push(SweepPoint {
                settings: vec![
                    ("zones".to_owned(), zones.to_string(), Some(zones)),
                    ("database.engine".to_owned(), engine.to_owned(), None),
                ],
                summary,
            });
        }
    }
    (vec!["zones".to_owned(), "database.engine".to_owned()], points)
}

/// Five architectures, one of them without loss, with long names and more causes than colours.
pub(super) fn many() -> Study {
    let causes: Vec<(String, f64)> =
        (1..=12).map(|place| (format!("failure mode number {place}"), 2.0 / 156.0 * f64::from(13 - place))).collect();
    let causes: Vec<(&str, f64)> = causes.iter().map(|(name, share)| (name.as_str(), *share)).collect();
    let names = [
        "single-az",
        "multi-az-with-synchronous-standby-database",
        "pilot-light",
        "active-active-across-three-regions",
    ];
    let mut architectures: Vec<Summary> = names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let mut summary = summary(name, 90_000.0 / 5_f64.powi(place as i32), &causes);
            summary.attribution.rotate_left(place);
            summary
        })
        .collect();
    architectures.push(lossless("do-nothing"));
    let comparisons = vec![comparison(&architectures[0], &architectures[1], Verdict::Worse)];
    Study { architectures, comparisons, ..study() }
}

/// Two unknown inputs, of which the first matters much more.
pub(super) fn uncertainty() -> Uncertainty {
    let band = |p5: f64, p50: f64, p95: f64| {
        let [p5, p50, p95] = [p5, p50, p95].map(|value| estimate(value, value * 0.1));
        Some(Band { p5, p50, p95 })
    };
    let swing = |key: &str, values: (&str, &str), lost: (f64, f64)| Swing {
        key: key.to_owned(),
        values: (values.0.to_owned(), values.1.to_owned()),
        lost_seconds_per_year: (estimate(lost.0, lost.0 * 0.05), estimate(lost.1, lost.1 * 0.05)),
        difference: estimate(lost.1 - lost.0, (lost.1 - lost.0).abs() * 0.2),
    };
    Uncertainty {
        seed: 7,
        level: 0.95,
        median: summary("shop", 4_000.0, CAUSES),
        draws: 100,
        random: band(1_800.0, 3_600.0, 7_200.0),
        unknown: band(2_400.0, 4_000.0, 10_800.0),
        spread: 2_000.0,
        noise: 200.0,
        both: band(1_500.0, 3_700.0, 14_400.0),
        objective_met: Some(estimate(0.8, 0.03)),
        tornado: vec![
            swing("failure.zone.mttf", ("100d", "1000d"), (7_000.0, 2_800.0)),
            swing("database.orders.standby.promotion", ("60s", "120s"), (3_900.0, 4_100.0)),
        ],
        interrupted: false,
    }
}
