//! Texts that people type: values of keys, conditions, ranges, parts, arguments; and objectives in YAML.

use super::text;
use ridethrough::cli::understand;
use ridethrough::experiment::Grid;
use ridethrough::law::{Law, Stream};
use ridethrough::report::{self, Condition, ConditionError, Fails};
use ridethrough::scenario::{self, load_text};
use ridethrough::store::Part;
use ridethrough::units::{
    Seconds, format_percent_availability, parse_duration, parse_fraction, parse_price, parse_rate,
};

/// Longest duration that is read (s).
const LONGEST: f64 = 1e18;
/// Most values that a range is divided into by itself: six for each power of ten that a number can have.
const MOST_VALUES: usize = 6 * 640;
/// Most bytes of an answer to a command line.
const LONGEST_ANSWER: usize = 100_000;

/// A value of a scenario: durations, fractions, rates, prices and laws. What is read can be written, and is then read as the same.
pub fn value(input: &[u8]) -> bool {
    let text = text(input);
    if let Ok(duration) = parse_duration(&text) {
        assert!((0.0..=LONGEST).contains(&duration.0), "{duration:?}");
        assert_eq!(parse_duration(&duration.to_scenario()), Ok(duration), "{}", duration.to_scenario());
        assert!(!duration.to_string().is_empty());
    }
    if let Ok(fraction) = parse_fraction(&text) {
        assert!((0.0..=1.0).contains(&fraction.get()), "{fraction:?}");
        assert_eq!(parse_fraction(&fraction.to_scenario()), Ok(fraction), "{}", fraction.to_scenario());
        assert!(format_percent_availability(fraction.get()).contains('%'));
    }
    if let Ok(rate) = parse_rate(&text) {
        assert!(rate.0 >= 0.0 && rate.0.is_finite(), "{rate:?}");
        assert_eq!(parse_rate(&rate.to_scenario()), Ok(rate), "{}", rate.to_scenario());
    }
    if let Ok(price) = parse_price(&text) {
        assert!(price.0 >= 0.0 && price.0.is_finite(), "{price:?}");
    }
    let mut is_law = false;
    for written in [text.clone(), format!("{text:?}")] {
        let scenario = format!(
            "region.eu.zones = ['a']\ntier.web.pool.units = 1\n[failure.f]\nscope = 'unit:web'\nmttf = '10d'\nrepair = {written}\n"
        );
        let Ok(loaded) = load_text("law.toml", &scenario) else { continue };
        is_law = true;
        for failure in &loaded.designs[0].failures {
            law(&failure.repair);
            law(&failure.mttf);
        }
    }
    is_law
}

/// A law has a mean, rising quantiles and draws that are durations.
fn law(law: &Law) {
    let never = law.mean().is_infinite();
    assert!(law.mean() >= 0.0, "a mean of {}", law.mean());
    assert!(!law.describe().is_empty() && !law.describe().contains("NaN"), "{}", law.describe());
    assert!(law.variance().is_none_or(|variance| variance >= 0.0), "{law:?}");
    let mut last = 0.0;
    for p in [0.0, 1e-9, 0.01, 0.5, 0.99, 0.999_999_999] {
        let quantile = law.quantile(p);
        assert!(quantile >= last, "{law:?}: {quantile} at {p}, after {last}");
        let below = law.cdf(quantile);
        assert!((0.0..=1.0).contains(&below), "{law:?}: {below} below {quantile}");
        last = quantile;
    }
    let mut stream = Stream::new(1, 0, 7);
    for _ in 0..20 {
        let drawn = law.sample(&mut stream);
        assert!(drawn >= 0.0 && (never || drawn.is_finite()), "{law:?}: {drawn}");
    }
}

/// Objectives in YAML are shares that a gate can hold an architecture against.
pub fn openslo(input: &[u8]) -> bool {
    match scenario::openslo(&text(input)) {
        Ok(file) => {
            assert!(!file.targets.is_empty(), "nothing is asked");
            for target in file.targets {
                assert!((0.0..1.0).contains(&target.target), "{target:?}");
                let asked = Condition::of("availability", Fails::Below, target.target).expect("a metric");
                assert_eq!(report::condition(&asked.to_string()), Ok(asked));
            }
            true
        }
        Err(problems) => {
            assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.is_empty()), "nothing is said");
            false
        }
    }
}

/// Conditions of `gate` and of `size` are read back as they are written.
pub fn condition(input: &[u8]) -> bool {
    let text = text(input);
    let both = [(report::condition(&text), false), (report::demand(&text), true)];
    let is_read = both.iter().any(|(read, _)| read.is_ok());
    for (read, is_demand) in both {
        match read {
            Ok(condition) => {
                let written = condition.to_string();
                assert_eq!(report::condition(&written), Ok(condition), "{written}, a demand: {is_demand}");
            }
            Err(ConditionError::Unknown { known, .. }) => assert!(!known.is_empty(), "nothing can be asked"),
            Err(error) => assert!(!error.to_string().is_empty(), "nothing is said"),
        }
    }
    is_read
}

/// Values of a range rise, from one end to the other, and not too many of them.
pub fn range(input: &[u8]) -> bool {
    let text = text(input);
    let mut is_range = false;
    for steps in [None, Some(1), Some(7), Some(999)] {
        match Grid::new(&text, steps) {
            Ok(grid) => {
                is_range = true;
                let values: Vec<f64> = (0..grid.count()).map(|place| grid.value(place)).collect();
                let most = steps.map_or(MOST_VALUES, |steps| steps + 1);
                assert!((2..=most).contains(&values.len()), "{} values in {steps:?} steps", values.len());
                assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
                assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
                for (place, value) in values.iter().enumerate() {
                    let written = grid.text(place);
                    if let Ok(read) = parse_duration(&written) {
                        assert_eq!(read, Seconds(*value), "{written}");
                    }
                    assert!(!written.is_empty() && !written.contains("NaN"), "{written}");
                }
            }
            Err(error) => assert!(!error.is_empty(), "nothing is said"),
        }
    }
    is_range
}

/// A part lies within the whole, and is read back as it is written.
pub fn part(input: &[u8]) -> bool {
    let read = text(input).parse::<Part>();
    match &read {
        Ok(part) => {
            assert!(part.index < part.of, "{part}");
            assert_eq!(part.to_string().parse(), Ok(*part));
            assert!(part.stem().chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{}", part.stem());
            for count in [0, 1, 1_000, u64::MAX] {
                let range = part.range(count);
                assert!(range.start <= range.end && range.end <= count, "{range:?} of {count}");
            }
        }
        Err(error) => assert!(!error.is_empty(), "nothing is said"),
    }
    read.is_ok()
}

/// A command line, a word on each line, is understood or answered.
pub fn arguments(input: &[u8]) -> bool {
    let text = text(input);
    let words = ["ridethrough"].into_iter().chain(text.lines()).map(Into::into);
    let understood = understand(words.collect());
    if let Err(answer) = &understood {
        assert!(!answer.trim().is_empty(), "nothing is said");
        assert!(answer.len() <= LONGEST_ANSWER + 10 * text.len(), "{} bytes", answer.len());
    }
    understood.is_ok()
}
