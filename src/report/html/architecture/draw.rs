//! The layout of an architecture as a picture.

use super::MARK;
use super::drawing::Drawing;
use super::layout::{Arrow, Layout, Rect, Shape, lay};
use crate::report::picture::{Picture, fit, width};

/// Height of a line of text.
const LINE: f64 = 13.5;
/// Small letters against others.
const SMALL: f64 = 11.0 / 12.0;

pub(super) fn draw(drawing: &Drawing, across: f64) -> Picture {
    let layout = lay(drawing, across);
    let mut picture = Picture::new(layout.width, layout.height);
    let Layout { regions, zones, labels, boxes, arrows, .. } = &layout;
    for region in regions {
        framed(&mut picture, region, 9.0);
    }
    for zone in zones {
        framed(&mut picture, zone, 6.0);
    }
    for arrow in arrows {
        drawn(&mut picture, arrow);
    }
    for label in labels {
        picture.group("part", &told(label), |picture| {
            edged(picture, label);
            lettered(picture, label, "s");
        });
    }
    for it in boxes {
        picture.group("part", &told(it), |picture| {
            picture.rect(it.class, (it.at.left, it.at.top), (it.at.width, it.at.height));
            edged(picture, it);
            lettered(picture, it, "m");
        });
    }
    picture
}

/// What is said of a shape to those who point at it, and to those who do not see it.
fn told(shape: &Shape) -> String {
    let mut told = shape.name.clone();
    if !shape.about.is_empty() {
        told = format!("{told}, {}", shape.about);
    }
    if shape.single { format!("{told}: single point of failure") } else { told }
}

/// A region or a zone, with its name in its upper left corner.
fn framed(picture: &mut Picture, shape: &Shape, inside: f64) {
    let Rect { left, top, width: across, height } = shape.at;
    picture.group("part", &told(shape), |picture| {
        picture.rect(shape.class, (left, top), (across, height));
        let room = across - 2.0 * inside;
        let class = if shape.class == "region" { "s label strong" } else { "s tick" };
        picture.text(class, (left + inside, top + 13.0), &tail(&shape.name, room));
        if !shape.about.is_empty() {
            picture.text("s tick small", (left + inside, top + 29.0), &fit(&shape.about, room / SMALL));
        }
        marked(picture, shape);
    });
}

/// The edge of a single point of failure.
fn edged(picture: &mut Picture, shape: &Shape) {
    if shape.single {
        let Rect { left, top, width: across, height } = shape.at;
        picture.rect("single", (left - 1.0, top - 1.0), (across + 2.0, height + 2.0));
    }
}

/// The same for a frame, with the words on it.
fn marked(picture: &mut Picture, shape: &Shape) {
    if !shape.single {
        return;
    }
    edged(picture, shape);
    let room = width(MARK) + 6.0;
    let middle = shape.at.right() - 6.0 - room / 2.0;
    picture.rect("halo", (middle - room / 2.0, shape.at.top - 7.0), (room, 13.0));
    picture.text("m alarm small", (middle, shape.at.top - 0.5), MARK);
}

/// Name and words of a box, in as many lines as fit.
fn lettered(picture: &mut Picture, shape: &Shape, anchor: &str) {
    let Rect { left, top, width: across, height } = shape.at;
    let room = across - 6.0;
    let most = (height / LINE) as usize - usize::from(shape.single);
    let name = wrapped(&shape.name, room, 2.min(most));
    let about = wrapped(&shape.about, room / SMALL, most - name.len());
    let mark = if shape.single { vec![MARK.to_owned()] } else { Vec::new() };
    let x = if anchor == "m" { left + across / 2.0 } else { left + 3.0 };
    let mut y = top + height / 2.0 - LINE * ((name.len() + about.len() + mark.len()) as f64 - 1.0) / 2.0;
    for (lines, look) in [(name, "label"), (about, "tick small"), (mark, "alarm small")] {
        for line in lines {
            picture.text(&format!("{anchor} {look}"), (x, y), &line);
            y += LINE;
        }
    }
}

/// Words in lines that fit, so many at most.
fn wrapped(text: &str, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if lines_fit(line, word, room) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        if most > 0 {
            lines.push(rest);
        }
    }
    lines.iter().map(|line| fit(line, room)).collect()
}

fn lines_fit(line: &str, word: &str, room: f64) -> bool {
    width(line) + width(" ") + width(word) <= room
}

/// The text, shortened at its begin, where names of zones are alike.
fn tail(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let kept = ((room / width("x")) as usize).saturating_sub(1).min(letters.len());
    format!("…{}", letters[letters.len() - kept..].iter().collect::<String>())
}

fn drawn(picture: &mut Picture, arrow: &Arrow) {
    let class = if arrow.dashed { "copy" } else { "flow" };
    picture.polyline(class, &arrow.points, None);
    let (Some(&tip), Some(&before)) = (arrow.points.last(), arrow.points.iter().rev().nth(1)) else { return };
    if arrow.head {
        let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
        let length = libm::hypot(dx, dy).max(1e-9);
        let (dx, dy) = (dx / length, dy / length);
        let back = (tip.0 - 7.0 * dx, tip.1 - 7.0 * dy);
        let corners = [tip, (back.0 - 3.5 * dy, back.1 + 3.5 * dx), (back.0 + 3.5 * dy, back.1 - 3.5 * dx)];
        picture.polyline(if arrow.dashed { "head copy" } else { "head" }, &corners, None);
    }
}
