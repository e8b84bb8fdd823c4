//! How the classes of a picture's marks look in a file, which has no style sheet: the same colours as the page in the light.

use super::canvas::{Color, GRID, INK, MUTED, PAPER};

/// A line: its colour, its thickness (pixels of the picture), and its dashes and gaps; none for an unbroken one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub color: Color,
    pub thickness: f64,
    pub dashes: &'static [f64],
}

/// What is drawn over a filling, so that it is known without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    Plain,
    Hatched,
    Dotted,
    Striped,
    Crossed,
}

/// A filling, and a line around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Filling {
    pub color: Option<Color>,
    pub pattern: Pattern,
    pub edge: Option<Stroke>,
}

/// A text: its colour, size (pixels of the picture) and weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letters {
    pub color: Color,
    pub size: f64,
    pub bold: bool,
}

/// Colours of series that the colour-blind tell apart, dark enough for lines on white (after Okabe and Ito 2008).
const SERIES: [Color; 7] =
    [(0, 114, 178), (213, 94, 0), (0, 158, 115), (184, 87, 143), (184, 124, 0), (61, 155, 208), (17, 17, 17)];
const DASHES: [&[f64]; 7] =
    [&[], &[9.0, 3.0], &[2.5, 2.5], &[9.0, 3.0, 2.0, 3.0], &[14.0, 4.0], &[5.0, 5.0], &[1.5, 3.0]];
const STAGES: [(Color, Pattern); 5] = [
    ((0, 114, 178), Pattern::Plain),
    ((230, 159, 0), Pattern::Hatched),
    ((0, 158, 115), Pattern::Dotted),
    ((204, 121, 167), Pattern::Striped),
    ((213, 94, 0), Pattern::Crossed),
];
const STATES: [Color; 6] = [(213, 94, 0), (230, 159, 0), (61, 155, 208), (0, 158, 115), (204, 121, 167), (184, 124, 0)];
const CAUSES: [Color; 9] = [
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
    (120, 94, 60),
    (187, 187, 187),
];
/// What is alarming.
const ALARM: Color = (166, 60, 0);
const DARK: Color = (17, 17, 17);

/// The colour of a series.
pub(super) fn series_color(series: usize) -> Color {
    SERIES[series % SERIES.len()]
}

/// The series that a class names, as `series k2`.
pub(super) fn series(class: &str) -> Option<usize> {
    class.split(' ').find_map(|word| word.strip_prefix('k')?.parse().ok())
}

/// How a line or a path of this class is drawn inside a series; none for a class that is not known.
pub(super) fn stroke(class: &str, series: Option<usize>) -> Option<Stroke> {
    let solid = |color, thickness| Stroke { color, thickness, dashes: &[] };
    let own = series.map_or(INK, series_color);
    Some(match class {
        "grid" => solid(GRID, 0.8),
        "axis" => solid(MUTED, 1.0),
        "limit" => Stroke { color: INK, thickness: 1.3, dashes: &[5.0, 4.0] },
        "link" => Stroke { color: MUTED, thickness: 1.0, dashes: &[2.0, 2.0] },
        "whisker" => solid(own, 1.6),
        "arrow" => solid(own, 1.6),
        "curve" => Stroke { color: own, thickness: 2.2, dashes: series.map_or(&[], |it| DASHES[it % DASHES.len()]) },
        "curve thin" => solid(own, 1.2),
        "flow" => solid(MUTED, 1.4),
        "copy" => Stroke { color: INK, thickness: 1.4, dashes: &[5.0, 4.0] },
        _ => return None,
    })
}

/// How a rectangle or a closed path of this class is filled; none for a class that is not known.
pub(super) fn filling(class: &str) -> Option<Filling> {
    let plain = |color| Filling { color: Some(color), pattern: Pattern::Plain, edge: None };
    let edged = |color, edge| Filling { color: Some(color), pattern: Pattern::Plain, edge: Some(edge) };
    let line = |color, thickness| Stroke { color, thickness, dashes: &[] };
    let number =
        || class.rsplit_once(|it: char| !it.is_ascii_digit()).and_then(|(_, digits)| digits.parse::<usize>().ok());
    Some(match class {
        "bar" | "bar low" => plain(SERIES[0]),
        "bar high" => plain(SERIES[1]),
        "state well" => edged(PAPER, line(GRID, 1.0)),
        "design" => edged((190, 190, 190), line(PAPER, 1.0)),
        "design chosen" => plain(SERIES[0]),
        "design best" => plain(SERIES[1]),
        "cell good" => edged((226, 243, 237), line((0, 103, 75), 1.0)),
        "cell open" => edged((250, 241, 214), line((106, 83, 0), 1.0)),
        "cell bad" => edged((251, 226, 211), line(ALARM, 1.8)),
        "region" => edged((247, 248, 249), line(MUTED, 1.2)),
        "zone" => Filling { edge: Some(Stroke { color: MUTED, thickness: 0.9, dashes: &[3.0, 3.0] }), ..plain(PAPER) },
        "box" => edged(PAPER, line(INK, 1.2)),
        "box balancer" => edged((234, 242, 248), line(INK, 1.2)),
        "box database" => edged((229, 244, 238), line(INK, 1.2)),
        "box spare" => {
            Filling { edge: Some(Stroke { color: INK, thickness: 1.1, dashes: &[4.0, 3.0] }), ..plain(PAPER) }
        }
        "box outside" => edged((243, 243, 243), line(INK, 1.2)),
        "single" => Filling { color: None, pattern: Pattern::Plain, edge: Some(line(ALARM, 3.0)) },
        "head" => plain(MUTED),
        "head copy" => plain(INK),
        "halo" => plain(PAPER),
        _ if class.starts_with("stage t") => {
            let (color, pattern) = STAGES[number()? % STAGES.len()];
            Filling { pattern, ..plain(color) }
        }
        _ if class.starts_with("state u") => edged(STATES[number()? % STATES.len()], line(PAPER, 1.0)),
        _ if class.starts_with("cause c") => plain(*CAUSES.get(number()?)?),
        _ => return None,
    })
}

/// How a text of this class is written; none for a class that is not known. The first word of the class is about its place.
pub(super) fn letters(class: &str) -> Option<Letters> {
    let plain = Letters { color: INK, size: 12.0, bold: false };
    let mut words = class.split(' ');
    if !matches!(words.next(), Some("s" | "m" | "e")) {
        return None;
    }
    words.try_fold(plain, |it, word| {
        Some(match word {
            "tick" | "title" | "limit" => Letters { color: MUTED, ..it },
            "label" | "value" => it,
            "strong" => Letters { bold: true, ..it },
            "state" => Letters { color: MUTED, size: 11.5, ..it },
            "on" | "dark" => Letters { color: DARK, ..it },
            "inside" => Letters { color: PAPER, ..it },
            "alarm" => Letters { color: ALARM, bold: true, ..it },
            "small" => Letters { size: 11.0, ..it },
            _ => return None,
        })
    })
}
