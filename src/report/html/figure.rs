//! A picture with its title, its buttons, and its numbers in a table below it.

use super::svg::svg;
use crate::report::picture::{NARROW, Picture, SERIES, WIDE};
use maud::{Markup, html};

/// A way to draw the picture at a width (pixels).
pub(in crate::report) type Draw<'a> = Box<dyn Fn(f64) -> Picture + 'a>;

/// The only picture of a figure.
pub(super) fn only<'a>(draw: impl Fn(f64) -> Picture + 'a) -> Vec<(&'static str, Draw<'a>)> {
    vec![("linear", Box::new(draw))]
}

/// What stands around a picture.
pub(in crate::report) struct Figure<'a> {
    /// Name of its files, without extension.
    pub stem: String,
    /// The architecture it is about; empty where it is about all of them.
    pub of: String,
    /// What it shows, in a few words: its accessible name.
    pub name: String,
    /// How to read it.
    pub caption: String,
    /// The series by their numbers and names.
    pub legend: Vec<(usize, String)>,
    /// Classes of fillings, and what they mean.
    pub key: Vec<(String, String)>,
    /// Scales to choose from with the picture on each; the first is shown. One alone has no button.
    pub pictures: Vec<(&'static str, Draw<'a>)>,
    /// Width at which it is drawn into a file (pixels).
    pub across: f64,
    /// What a file says below the picture, where the page has a table.
    pub listed: Vec<String>,
    /// The plotted numbers for people; none where they stand beside the figure.
    pub numbers: Option<Markup>,
    /// The plotted numbers for machines, with their head.
    pub data: Vec<Vec<String>>,
}

impl<'a> Figure<'a> {
    /// A figure with a name, files of another, and a caption.
    pub fn new(stem: &str, name: impl Into<String>, caption: impl Into<String>) -> Self {
        Self {
            stem: stem.to_owned(),
            of: String::new(),
            name: name.into(),
            caption: caption.into(),
            legend: Vec::new(),
            key: Vec::new(),
            pictures: Vec::new(),
            across: WIDE,
            listed: Vec::new(),
            numbers: None,
            data: Vec::new(),
        }
    }

    /// The figure; buttons do nothing until the script has enabled them.
    pub fn markup(&self) -> Markup {
        html! {
            figure {
                figcaption { strong { (self.name) } " " (self.caption) }
                @if self.pictures.len() > 1 {
                    div.buttons.needs-script role="group" aria-label="scale" {
                        @for (place, (scale, _)) in self.pictures.iter().enumerate() {
                            button type="button" data-show=(scale) aria-pressed=(place == 0) { (scale) }
                        }
                    }
                }
                @if self.legend.len() > 1 { (legend(&self.legend)) }
                @if !self.key.is_empty() { (key(&self.key)) }
                @for (place, (scale, draw)) in self.pictures.iter().enumerate() {
                    div data-scale=(scale) hidden[place > 0] {
                        div.wide { (svg(&draw(WIDE), &self.name)) }
                        div.narrow { (svg(&draw(NARROW), &self.name)) }
                    }
                }
                @if let Some(numbers) = &self.numbers { details { summary { "Numbers: " (self.name) } (numbers) } }
            }
        }
    }
}

/// A button for each series, with its mark.
fn legend(names: &[(usize, String)]) -> Markup {
    html! {
        div.buttons.legend role="group" aria-label="series" {
            @for (series, name) in names {
                button type="button" data-series=(series) aria-pressed="true" disabled { (swatch(*series)) (name) }
            }
        }
    }
}

/// The line and the mark of a series.
fn swatch(series: usize) -> Markup {
    let mut picture = Picture::new(28.0, 12.0);
    picture.group(&class(series), "", |picture| {
        picture.line("curve", (0.0, 6.0), (28.0, 6.0));
        picture.mark(series, (14.0, 6.0));
    });
    html! { span aria-hidden="true" { (svg(&picture, "")) } }
}

/// What the fillings mean.
fn key(fillings: &[(String, String)]) -> Markup {
    html! {
        ul.key aria-label="what the fillings mean" {
            @for (class, meaning) in fillings { li { (filling(class)) (meaning) } }
        }
    }
}

fn filling(class: &str) -> Markup {
    let mut picture = Picture::new(22.0, 12.0);
    picture.rect(class, (1.0, 1.0), (20.0, 10.0));
    html! { span aria-hidden="true" { (svg(&picture, "")) } }
}

/// The class that the style sheet knows a series by.
pub(super) fn class(series: usize) -> String {
    format!("series k{}", series % SERIES)
}

/// A table that scrolls inside its box. The first cell of a row is its head; columns after the first `words` are of numbers; there is room
/// for so many rows.
pub(super) fn table(caption: &str, head: &[&str], words: usize, rows: &[Vec<Markup>], room: usize) -> Markup {
    let more = rows.len().saturating_sub(room);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for (place, cell) in head.iter().enumerate() {
                    th scope="col" class=[(place >= words).then_some("number")] { (cell) }
                } } }
                tbody { @for row in rows.iter().take(room) { tr { @for (place, cell) in row.iter().enumerate() {
                    @if place == 0 { th scope="row" { (cell) } }
                    @else { td class=[(place >= words).then_some("number")] { (cell) } }
                } } } }
            }
        }
        @if more > 0 { p.note { (more) " more rows in the JSON" } }
    }
}

/// A verdict: a sign, a colour and always a word.
pub(super) fn verdict(word: &str) -> Markup {
    let (class, sign) = match word {
        "met" | "better" | "fault tolerant" | "yes" => ("good", "✓"),
        "missed" | "worse" | "single point of failure" | "no" => ("bad", "✗"),
        _ => ("open", "○"),
    };
    html! { span.verdict.(class) { span aria-hidden="true" { (sign) " " } (word) } }
}

/// A cell of text.
pub(super) fn cell(text: &str) -> Markup {
    html! { (text) }
}
