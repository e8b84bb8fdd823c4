//! The lines of a run as it goes on, from numbers that are given.

use super::*;
use crate::report::golden;
use proptest::prelude::*;

fn known(name: &str, unavailability: f64, share: f64) -> Known {
    let (low, high) = (unavailability * (1.0 - share), unavailability * (1.0 + share));
    let unavailability = Estimate { estimate: unavailability, low, high, level: 0.95, method: "student" };
    Known { name: name.to_owned(), unavailability, awaited: true }
}

/// A course that came down as the root of the number of replications does, looked at at equal times.
fn course(looks: u32, last: f64) -> Course {
    let mut course = Course::default();
    for look in 1..=looks {
        let share = last * (f64::from(looks) / f64::from(look)).sqrt();
        course.push(&known("", 1e-4, share).unavailability);
    }
    course
}

const NAMES: [&str; 3] = ["single-az", "multi-az", "multi-region-with-a-hot-standby"];

fn three() -> (Vec<Known>, Vec<Course>) {
    let lost = [7.4e-5, 4.9e-5, 3.8e-5];
    let shares = [0.042, 0.048, 0.005];
    let known = (0..3).map(|place| known(NAMES[place], lost[place], shares[place])).collect();
    (known, shares.iter().map(|share| course(300, *share)).collect())
}

fn running<'a>(done: u64, total: u64, until: Until, known: &'a [Known], courses: &'a [Course]) -> Running<'a> {
    let seconds = Duration::from_secs(50);
    let progress = Progress::of(done, total);
    Running { progress, things: "replications", until, elapsed: seconds, counting: seconds, known, courses }
}

const COUNTED: Until = Until { counted: true, precision: None, max_time: None };

fn precise(precision: f64, max_time: Option<u64>) -> Until {
    Until { counted: false, precision: Some(precision), max_time: max_time.map(Duration::from_secs) }
}

/// What is seen in each situation, at 80 columns unless it says otherwise.
#[test]
fn situations_golden() {
    let (known, courses) = three();
    let all: Vec<Known> = (0..30).map(|place| self::known(&format!("design-{place}"), 1e-5, 0.3)).collect();
    let lossless = [Known {
        unavailability: Estimate { estimate: 0.0, low: 0.0, high: 3e-6, level: 0.95, method: "none seen" },
        ..known[0].clone()
    }];
    let part = |part: Part<'static>, done: u64, total: u64, until: Until| {
        let run = running(done, total, until, &[], &[]);
        Running { progress: Progress { part: Some(part), ..run.progress }, ..run }
    };
    let limited = Until { max_time: Some(Duration::from_secs(60)), ..Until::default() };
    let counted = running(123_456, 2_000_000, COUNTED, &known, &courses);
    let designs = Running { things: "designs", ..part(Part::Round(2, 4), 64, 170, Until::default()) };
    let situations = [
        ("a number of replications", counted, 80, 24, false),
        ("the same at 120 columns", counted, 120, 24, false),
        ("the same in ASCII", counted, 80, 24, true),
        ("the same at 60 columns", counted, 60, 24, false),
        ("the same at 40 columns", counted, 40, 24, false),
        ("a precision", running(300_032, 10_000_000, precise(0.04, None), &known, &courses), 80, 24, false),
        (
            "a precision that takes too long",
            running(300_032, 10_000_000, precise(0.0001, Some(70)), &known, &courses),
            80,
            24,
            false,
        ),
        ("a time", running(300_032, 10_000_000, limited, &known[..1], &courses), 80, 24, false),
        (
            "a precision, and no loss yet",
            running(300_032, 10_000_000, precise(0.04, None), &lossless, &[]),
            80,
            24,
            false,
        ),
        ("many", running(300_032, 10_000_000, limited, &all, &[]), 80, 24, false),
        ("many on a low terminal", running(300_032, 10_000_000, limited, &all, &[]), 80, 8, false),
        ("a sweep", part(Part::Point(3, 10), 5_000, 20_000, COUNTED), 80, 24, false),
        ("a search", part(Part::Value(3, 12), 5_000, 0, limited), 80, 24, false),
        ("a selection", designs, 80, 24, false),
        ("rare events", part(Part::Rare("multi-region"), 864, 100_000_000, COUNTED), 80, 24, false),
    ];
    let mut text = String::new();
    for (title, running, width, height, ascii) in situations {
        let lines = live(&running, width, height, false, ascii);
        assert!(lines.lines().count() <= height && lines.lines().all(|line| line.chars().count() <= width), "{lines}");
        assert!(!ascii || lines.is_ascii(), "{lines}");
        text.push_str(&format!("=== {title}\n{lines}\n"));
    }
    golden::hold("live.txt", &text);
}

#[test]
fn styles_change_no_letter() {
    let (known, courses) = three();
    let run = running(123_456, 2_000_000, COUNTED, &known, &courses);
    let (plain, styled) = (live(&run, 80, 24, false, false), live(&run, 80, 24, true, false));
    assert!(!plain.contains('\u{1b}') && styled.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain);
}

/// A hundred replications in 50 s, of 400: 150 s. Known to 4 %, asked 2 %: four times as many, and the next look is at 512.
#[test]
fn what_is_left_follows_from_what_was_done() {
    let (known, courses) = ([known("a", 1e-4, 0.04)], [course(10, 0.04)]);
    let last = |total: u64, until: Until| {
        let text = live(&running(100, total, until, &known, &courses), 80, 24, false, true);
        text.lines().nth(2).expect("a line below that of the design").to_owned()
    };
    assert!(last(400, COUNTED).ends_with("100 of 400 replications  2.00/s  2m 30s left"));
    assert!(last(10_000, precise(0.02, None)).ends_with("2.00/s  estimate: 3m 26s left, to the look at 512"));
    assert!(last(10_000, precise(0.02, Some(100))).ends_with("2.00/s  at most 50s left"), "time ends it sooner");
    assert!(last(500, precise(0.02, None)).ends_with("2.00/s  at most 3m 20s left"), "the number ends it sooner");
}

/// Each quarter of the replications halves what is left to know; what is asked is the lowest column.
#[test]
fn a_course_comes_down_to_what_is_asked() {
    let page = Page::new(80, false, false);
    let mut it = Course::default();
    assert_eq!(it.drawn(None, page), "");
    for share in [0.8, 0.4, 0.2, 0.1] {
        it.push(&known("", 1e-4, share).unavailability);
    }
    assert_eq!(it.drawn(Some(0.1), page), "█▆▃▁");
    assert_eq!(it.drawn(Some(0.0125), page), "█▇▆▅");
    assert_eq!(it.drawn(None, page), "█▆▃▁");
}

#[test]
fn a_long_course_stays_short_and_ends_where_it_stands() {
    let it = course(100_000, 0.01);
    assert!(it.kept.len() < REMEMBERED && it.drawn(None, Page::new(80, false, true)).len() == COURSE);
    let mut steady = Course::default();
    (0..1_000).for_each(|_| steady.push(&known("", 1e-4, 0.5).unavailability));
    steady.push(&known("", 1e-4, 0.001).unavailability);
    assert!(steady.drawn(None, Page::new(80, false, true)).ends_with('.'), "the last point is drawn");
}

proptest! {
    /// Whatever is known, of whatever name, on whatever terminal.
    #[test]
    fn no_line_is_too_long(
        names in prop::collection::vec(".{0,60}", 0..20), lost in 0.0..1.0_f64, share in 0.0..5.0_f64, done in 0..u64::MAX, total in 0..u64::MAX,
        width in 20..200_usize, height in 6..40_usize, ascii: bool, counted: bool, precision in prop::option::of(1e-9..1.0_f64),
    ) {
        let all: Vec<Known> = names.iter().map(|name| known(name, lost, share)).collect();
        let courses: Vec<Course> = names.iter().map(|_| course(30, share)).collect();
        let run = running(done, total, Until { counted, precision, max_time: None }, &all, &courses);
        let text = live(&run, width, height, false, ascii);
        prop_assert!(text.split('\n').count() <= height, "{text}");
        prop_assert!(text.split('\n').all(|line| line.chars().count() <= width), "{text}");
    }
}
