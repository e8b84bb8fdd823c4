//! A picture as marks, whose looks are named by classes: the page writes it as inline SVG for its style sheet, and files draw it with looks of
//! their own. So there is one drawing of each figure.

use super::axis::{Axis, Tick};

/// Width of a picture on a wide screen and on paper (CSS pixels).
pub(super) const WIDE: f64 = 760.0;
/// Width on a narrow screen.
pub(super) const NARROW: f64 = 330.0;
/// Width of a letter, more or less: the fonts are those of the reader.
const LETTER: f64 = 7.2;
/// Height of a line of text.
const LINE: f64 = 14.0;
/// Series that can be told apart.
pub(super) const SERIES: usize = 7;

/// Corners of the mark of a series around its middle; none for a circle. Each has a shape of its own, so that colour is not needed.
pub(super) const fn shape(series: usize) -> &'static [(f64, f64)] {
    match series % SERIES {
        0 => &[],
        1 => &[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)],
        2 => &[(0.0, -5.5), (5.0, 4.0), (-5.0, 4.0)],
        3 => &[(0.0, -6.0), (5.0, 0.0), (0.0, 6.0), (-5.0, 0.0)],
        4 => &[(-5.0, -4.0), (5.0, -4.0), (0.0, 5.5)],
        5 => &[(-6.0, 0.0), (0.0, -3.0), (6.0, 0.0), (0.0, 3.0)],
        _ => &[(-2.0, -6.0), (2.0, -6.0), (2.0, 6.0), (-2.0, 6.0)],
    }
}

/// Radius of the mark that is a circle.
pub(super) const RADIUS: f64 = 4.5;

/// What a picture is made of. Positions are from the upper left corner.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// A straight line.
    Line { class: String, from: (f64, f64), to: (f64, f64) },
    /// A text whose height is centred on its position; the class says which end the position names: `s`, `m` or `e`.
    Text { class: String, at: (f64, f64), text: String },
    /// A rectangle, from its upper left corner.
    Rect { class: String, corner: (f64, f64), size: (f64, f64) },
    /// A line through points, or a polygon where the class fills it; the tips are what is said at each point.
    Path { class: String, points: Vec<(f64, f64)>, tips: Option<Vec<String>> },
    /// Many dots.
    Dots { class: String, points: Vec<(f64, f64)> },
    /// The mark of a series.
    Shape { series: usize, at: (f64, f64) },
    /// Marks that belong together, with what is said of them.
    Group { class: String, name: String, marks: Vec<Mark> },
    /// The marks of one number, with what is said of it, its exact text and its address.
    Datum { name: String, value: String, address: String, marks: Vec<Mark> },
}

/// A picture under construction.
#[derive(Debug)]
pub(super) struct Picture {
    pub width: f64,
    pub height: f64,
    marks: Vec<Mark>,
}

/// Where the data are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Picture {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// What it is made of: later marks cover earlier ones.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.marks.push(Mark::Line { class: class.to_owned(), from, to });
    }

    pub fn text(&mut self, class: &str, at: (f64, f64), text: &str) {
        self.marks.push(Mark::Text { class: class.to_owned(), at, text: text.to_owned() });
    }

    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        self.marks.push(Mark::Rect { class: class.to_owned(), corner, size: (size.0.max(0.5), size.1) });
    }

    pub fn polyline(&mut self, class: &str, points: &[(f64, f64)], tips: Option<&[String]>) {
        let tips = tips.map(<[String]>::to_vec);
        self.marks.push(Mark::Path { class: class.to_owned(), points: points.to_vec(), tips });
    }

    /// Many dots as one mark; those on one pixel are one.
    pub fn dots(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut at: Vec<(i64, i64)> = points.iter().map(|(x, y)| (x.round() as i64, y.round() as i64)).collect();
        at.sort_unstable();
        at.dedup();
        let points = at.into_iter().map(|(x, y)| (x as f64, y as f64)).collect();
        self.marks.push(Mark::Dots { class: class.to_owned(), points });
    }

    pub fn mark(&mut self, series: usize, at: (f64, f64)) {
        self.marks.push(Mark::Shape { series, at });
    }

    /// An estimate and its interval, from left to right or upwards.
    pub fn whisker(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.line("whisker", from, to);
        let cap = if (from.1 - to.1).abs() < (from.0 - to.0).abs() { (0.0, 4.0) } else { (4.0, 0.0) };
        for (x, y) in [from, to] {
            self.line("whisker", (x - cap.0, y - cap.1), (x + cap.0, y + cap.1));
        }
    }

    pub fn group(&mut self, class: &str, name: &str, draw: impl FnOnce(&mut Self)) {
        let marks = self.apart(draw);
        self.marks.push(Mark::Group { class: class.to_owned(), name: name.to_owned(), marks });
    }

    /// What is drawn, kept out of the picture for now.
    fn apart(&mut self, draw: impl FnOnce(&mut Self)) -> Vec<Mark> {
        let before = std::mem::take(&mut self.marks);
        draw(self);
        std::mem::replace(&mut self.marks, before)
    }

    pub fn datum(&mut self, name: &str, (value, address): (String, &str), draw: impl FnOnce(&mut Self)) {
        let marks = self.apart(draw);
        self.marks.push(Mark::Datum { name: name.to_owned(), value, address: address.to_owned(), marks });
    }

    /// Grid lines and labels below the frame, each of one or more lines. Labels that would touch the one before are left out.
    pub fn x_axis(&mut self, frame: Frame, axis: &Axis, ticks: &[Tick], title: &str) {
        let mut free = f64::NEG_INFINITY;
        let mut lines = 1;
        for (value, label) in ticks {
            let x = axis.at(*value);
            self.line("grid", (x, frame.top), (x, frame.bottom));
            let half = label.split('\n').map(width).fold(0.0, f64::max) / 2.0;
            let at = x.max(half).min(self.width - half);
            if at - half >= free {
                for (place, line) in label.split('\n').enumerate() {
                    self.text("m tick", (at, frame.bottom + 14.0 + LINE * place as f64), line);
                    lines = lines.max(place + 1);
                }
                free = at + half + 8.0;
            }
        }
        self.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
        if title.is_empty() {
            return;
        }
        let title = fit(title, self.width);
        let middle =
            f64::midpoint(frame.left, frame.right).min(self.width - width(&title) / 2.0).max(width(&title) / 2.0);
        self.text("m title", (middle, frame.bottom + 20.0 + LINE * lines as f64), &title);
    }

    /// Grid lines and labels to the left of the frame; its title stands at a height above it.
    pub fn y_axis(&mut self, frame: Frame, axis: &Axis, ticks: &[Tick], (height, title): (f64, &str)) {
        let mut taken: Vec<f64> = Vec::new();
        for (value, label) in ticks {
            let y = axis.at(*value);
            self.line("grid", (frame.left, y), (frame.right, y));
            if taken.iter().all(|other| (other - y).abs() >= LINE) {
                self.text("e tick", (frame.left - 6.0, y), label);
                taken.push(y);
            }
        }
        self.text("s title", (2.0, height), &fit(title, self.width));
    }

    /// A value that is asked for, as a line across the frame with its text above, in the given row of such texts.
    pub fn limit(&mut self, frame: Frame, x: f64, row: usize, text: &str) {
        let height = frame.top - 10.0 - 16.0 * row as f64;
        self.line("limit", (x, height + 8.0), (x, frame.bottom));
        let text = fit(text, self.width - 8.0);
        let half = width(&text) / 2.0;
        self.text("m limit", (x.max(half + 4.0).min(self.width - half - 4.0), height), &text);
    }
}

/// How wide a text is, more or less.
pub(super) fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// The text, shortened to fit into so many pixels.
pub(super) fn fit(text: &str, room: f64) -> String {
    let most = (room / LETTER).max(1.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
