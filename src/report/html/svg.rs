//! Marks of a picture, as inline SVG: shapes have classes, and the style sheet has the colours.

use super::at::At;
use crate::report::chart::axis::Axis;
use maud::{Markup, PreEscaped, html};

/// Width of a picture on a wide screen and on paper (CSS pixels).
pub(super) const WIDE: f64 = 760.0;
/// Width on a narrow screen.
pub(super) const NARROW: f64 = 330.0;
/// Width of a letter, more or less: the fonts are those of the reader.
const LETTER: f64 = 7.2;
/// Series that can be told apart.
pub(super) const SERIES: usize = 7;

/// A picture under construction. Positions are from the upper left corner.
#[derive(Debug)]
pub(super) struct Svg {
    pub width: f64,
    pub height: f64,
    body: String,
}

/// Where the data are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// A tenth of a pixel is enough.
fn round(position: f64) -> f64 {
    let tenths = (position * 10.0).round() / 10.0;
    // No negative zero.
    tenths + 0.0
}

impl Svg {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    fn push(&mut self, markup: &Markup) {
        self.body.push_str(&markup.0);
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (round(from.0), round(from.1), round(to.0), round(to.1));
        self.push(&html! { line class=(class) x1=(x1) y1=(y1) x2=(x2) y2=(y2) {} });
    }

    /// A text whose height is centred on its position; the class says which end the position names: `s`, `m` or `e`.
    pub fn text(&mut self, class: &str, at: (f64, f64), text: &str) {
        self.push(&html! { text class=(class) x=(round(at.0)) y=(round(at.1 + 4.0)) { (text) } });
    }

    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        let (width, height) = (round(size.0.max(0.5)), round(size.1));
        self.push(
            &html! { rect class=(class) x=(round(corner.0)) y=(round(corner.1)) width=(width) height=(height) {} },
        );
    }

    /// A line through points; the tips are what is said at each of them.
    pub fn polyline(&mut self, class: &str, points: &[(f64, f64)], tips: Option<&[String]>) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", round(*x), round(*y))).collect();
        let tips: Option<Vec<String>> = tips.map(|tips| tips.iter().map(|tip| tip.replace('|', " ")).collect());
        let tips = tips.map(|tips| tips.join("|"));
        self.push(&html! { polyline class=(class) points=(points.join(" ")) data-tips=[tips] {} });
    }

    /// Many dots as one shape.
    pub fn dots(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut at: Vec<(i64, i64)> = points.iter().map(|(x, y)| (x.round() as i64, y.round() as i64)).collect();
        at.sort_unstable();
        at.dedup();
        let path: String = at.iter().map(|(x, y)| format!("M{x} {y}h0")).collect();
        self.push(&html! { path class=(class) d=(path) {} });
    }

    /// The mark of a series: each has a shape of its own, so that colour is not needed.
    pub fn mark(&mut self, series: usize, (x, y): (f64, f64)) {
        let around = |points: &[(f64, f64)]| -> String {
            let points: Vec<String> =
                points.iter().map(|(dx, dy)| format!("{},{}", round(x + dx), round(y + dy))).collect();
            points.join(" ")
        };
        let markup = match series % SERIES {
            0 => html! { circle.mark cx=(round(x)) cy=(round(y)) r="4.5" {} },
            1 => html! { rect.mark x=(round(x - 4.0)) y=(round(y - 4.0)) width="8" height="8" {} },
            2 => html! { polygon.mark points=(around(&[(0.0, -5.5), (5.0, 4.0), (-5.0, 4.0)])) {} },
            3 => html! { polygon.mark points=(around(&[(0.0, -6.0), (5.0, 0.0), (0.0, 6.0), (-5.0, 0.0)])) {} },
            4 => html! { polygon.mark points=(around(&[(-5.0, -4.0), (5.0, -4.0), (0.0, 5.5)])) {} },
            5 => html! { polygon.mark points=(around(&[(-6.0, 0.0), (0.0, -3.0), (6.0, 0.0), (0.0, 3.0)])) {} },
            _ => html! { polygon.mark points=(around(&[(-2.0, -6.0), (2.0, -6.0), (2.0, 6.0), (-2.0, 6.0)])) {} },
        };
        self.push(&markup);
    }

    /// An estimate and its interval, from left to right or upwards.
    pub fn whisker(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.line("whisker", from, to);
        let cap = if (from.1 - to.1).abs() < (from.0 - to.0).abs() { (0.0, 4.0) } else { (4.0, 0.0) };
        for (x, y) in [from, to] {
            self.line("whisker", (x - cap.0, y - cap.1), (x + cap.0, y + cap.1));
        }
    }

    /// Marks that belong together, with what is said of them.
    pub fn group(&mut self, class: &str, name: &str, draw: impl FnOnce(&mut Self)) {
        let inside = self.apart(draw);
        self.push(&html! { g class=(class) data-name=(name) { title { (name) } (inside) } });
    }

    /// What is drawn, kept out of the picture for now.
    fn apart(&mut self, draw: impl FnOnce(&mut Self)) -> Markup {
        let before = std::mem::take(&mut self.body);
        draw(self);
        PreEscaped(std::mem::replace(&mut self.body, before))
    }

    /// The marks of one number, with its exact text and address.
    pub fn datum(&mut self, name: &str, at: &At, draw: impl FnOnce(&mut Self)) {
        let inside = self.apart(draw);
        let (value, address) = at.address();
        self.push(&html! { g data-value=(value) data-at=(address) { title { (name) } (inside) } });
    }

    /// Grid lines and labels below the frame.
    pub fn x_axis(&mut self, frame: Frame, axis: &Axis, ticks: &[(f64, String)], title: &str) {
        let mut free = f64::NEG_INFINITY;
        for (value, label) in ticks {
            let x = axis.at(*value);
            self.line("grid", (x, frame.top), (x, frame.bottom));
            let half = width(label) / 2.0;
            let at = x.max(half).min(self.width - half);
            if at - half >= free {
                self.text("m tick", (at, frame.bottom + 14.0), label);
                free = at + half + 8.0;
            }
        }
        self.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
        let title = fit(title, self.width);
        let middle =
            f64::midpoint(frame.left, frame.right).min(self.width - width(&title) / 2.0).max(width(&title) / 2.0);
        self.text("m title", (middle, frame.bottom + 34.0), &title);
    }

    /// Grid lines and labels to the left of the frame, and the title above all.
    pub fn y_axis(&mut self, frame: Frame, axis: &Axis, ticks: &[(f64, String)], title: &str) {
        let mut taken: Vec<f64> = Vec::new();
        for (value, label) in ticks {
            let y = axis.at(*value);
            self.line("grid", (frame.left, y), (frame.right, y));
            if taken.iter().all(|other| (other - y).abs() >= 14.0) {
                self.text("e tick", (frame.left - 6.0, y), label);
                taken.push(y);
            }
        }
        self.text("s title", (2.0, 10.0), &fit(title, self.width));
    }

    /// The picture under an accessible name.
    pub fn finish(self, name: &str) -> Markup {
        let view = format!("0 0 {} {}", round(self.width), round(self.height));
        html! {
            svg viewBox=(view) width=(round(self.width)) height=(round(self.height)) role="img" aria-label=(name) {
                (PreEscaped(self.body))
            }
        }
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
