//! A picture as inline SVG: shapes have classes, and the style sheet has the looks.

use crate::report::picture::{Mark, Picture, RADIUS, shape};
use maud::{Markup, html};

/// A tenth of a pixel is enough.
fn round(position: f64) -> f64 {
    let tenths = (position * 10.0).round() / 10.0;
    // No negative zero.
    tenths + 0.0
}

fn listed(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.map(|(x, y)| format!("{},{}", round(x), round(y))).collect::<Vec<_>>().join(" ")
}

/// The picture under an accessible name.
pub(super) fn svg(picture: &Picture, name: &str) -> Markup {
    let view = format!("0 0 {} {}", round(picture.width), round(picture.height));
    html! {
        svg viewBox=(view) width=(round(picture.width)) height=(round(picture.height)) role="img" aria-label=(name) {
            (marks(picture.marks()))
        }
    }
}

fn marks(all: &[Mark]) -> Markup {
    html! { @for it in all { (mark(it)) } }
}

fn mark(mark: &Mark) -> Markup {
    match mark {
        Mark::Line { class, from, to } => {
            html! { line class=(class) x1=(round(from.0)) y1=(round(from.1)) x2=(round(to.0)) y2=(round(to.1)) {} }
        }
        Mark::Text { class, at, text } => html! { text class=(class) x=(round(at.0)) y=(round(at.1 + 4.0)) { (text) } },
        Mark::Rect { class, corner, size } => html! {
            rect class=(class) x=(round(corner.0)) y=(round(corner.1)) width=(round(size.0)) height=(round(size.1)) {}
        },
        Mark::Path { class, points, tips } => {
            let tips: Option<Vec<String>> =
                tips.as_ref().map(|all| all.iter().map(|tip| tip.replace('|', " ")).collect());
            let tips = tips.map(|tips| tips.join("|"));
            html! { polyline class=(class) points=(listed(points.iter().copied())) data-tips=[tips] {} }
        }
        Mark::Dots { class, points } => {
            let path: String = points.iter().map(|(x, y)| format!("M{x} {y}h0")).collect();
            html! { path class=(class) d=(path) {} }
        }
        Mark::Shape { series, at: (x, y) } => match shape(*series) {
            [] => html! { circle.mark cx=(round(*x)) cy=(round(*y)) r=(RADIUS) {} },
            corners => html! { polygon.mark points=(listed(corners.iter().map(|(dx, dy)| (x + dx, y + dy)))) {} },
        },
        Mark::Group { class, name, marks: inside } => {
            html! { g class=(class) data-name=(name) { title { (name) } (marks(inside)) } }
        }
        Mark::Datum { name, value, address, marks: inside } => {
            html! { g data-value=(value) data-at=(address) { title { (name) } (marks(inside)) } }
        }
    }
}
