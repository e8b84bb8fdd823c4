//! A figure as it stands in a file: its title, how to read it, what the marks mean, the picture, and what stands below it.

use super::canvas::{Anchor, Canvas, Color, INK, MUTED, PAPER, Type, WIDTH};
use super::look::{self, Filling, Pattern, Stroke};
use crate::report::html::Figure;
use crate::report::picture::{Mark, RADIUS, shape};

/// White space at the edges.
const MARGIN: f64 = 44.0;
const SMALL: f64 = 16.0;
/// Height of a line of small text.
const LINE: f64 = 22.0;

/// The figure on a canvas.
pub(super) fn drawn(figure: &Figure) -> Canvas {
    let below = figure.listed.iter().map(|line| format!(" {line}")).collect::<String>();
    let mut canvas = Canvas::new(&figure.name, &format!("{}{below}", figure.caption));
    let room = WIDTH - 2.0 * MARGIN;
    let large = Type::new(27.0, Anchor::Start).bold();
    let mut y = 12.0;
    for line in lines(&figure.name, &large, room) {
        y += 34.0;
        canvas.text((MARGIN, y), line, large);
    }
    let plain = Type::new(17.0, Anchor::Start).in_color(MUTED);
    y += 10.0;
    for line in lines(&figure.caption, &plain, room) {
        y += 24.0;
        canvas.text((MARGIN, y), line, plain);
    }
    y = keys(&mut canvas, figure, y + 22.0);
    if let Some((_, draw)) = figure.pictures.first() {
        let picture = draw(figure.across);
        let place = Place { left: MARGIN, top: y, scale: room / picture.width };
        play(&mut canvas, picture.marks(), place, None);
        y += picture.height * place.scale;
    }
    let how = Type::new(SMALL, Anchor::Start);
    for text in &figure.listed {
        for (number, line) in lines(text, &how, room - 20.0).into_iter().enumerate() {
            y += LINE;
            canvas.text((MARGIN + if number > 0 { 20.0 } else { 0.0 }, y), line, how);
        }
    }
    canvas.end(y + 34.0);
    canvas
}

/// The text in lines that fit.
fn lines(text: &str, how: &Type, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if how.width(line) + how.width(" ") + how.width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(how.fit(word, room)),
        }
    }
    lines
}

/// What series and fillings mean, in as many lines as that takes; returns the height at which they end.
fn keys(canvas: &mut Canvas, figure: &Figure, top: f64) -> f64 {
    let how = Type::new(SMALL, Anchor::Start);
    let series = figure.legend.iter().filter(|_| figure.legend.len() > 1).map(|(it, name)| (Err(*it), name));
    let fillings = figure.key.iter().map(|(class, meaning)| (Ok(class.as_str()), meaning));
    let all: Vec<(Result<&str, usize>, &String)> = series.chain(fillings).collect();
    if all.is_empty() {
        return top;
    }
    let (mut x, mut y) = (MARGIN, top + LINE * 0.5);
    for (what, name) in all {
        let swatch = if what.is_err() { 44.0 } else { 26.0 };
        let name = how.fit(name, WIDTH - 2.0 * MARGIN - swatch - 10.0);
        // Viewers of an SVG without the font may use a wider one.
        let width = swatch + 10.0 + how.width(&name) * 1.08;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            x = MARGIN;
            y += LINE * 1.2;
        }
        let place = Place { left: x, top: y - 8.0, scale: 1.5 };
        match what {
            Ok(class) => fill(canvas, place, (0.0, 0.0), (swatch / 1.5, 16.0 / 1.5), class),
            Err(series) => {
                let line = Mark::Line { class: "curve".to_owned(), from: (0.0, 5.0), to: (swatch / 1.5, 5.0) };
                let mark = Mark::Shape { series, at: (swatch / 3.0, 5.0) };
                play(canvas, &[line, mark], place, Some(series));
            }
        }
        canvas.text((x + swatch + 10.0, y), name, how);
        x += width + 28.0;
    }
    y + LINE
}

/// Where a picture stands on the canvas.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: f64,
    top: f64,
    scale: f64,
}

impl Place {
    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.left + x * self.scale, self.top + y * self.scale)
    }
}

/// Draws marks, inside a series where they belong to one. A class that has no look is drawn in ink, which a test does not let happen.
fn play(canvas: &mut Canvas, marks: &[Mark], place: Place, series: Option<usize>) {
    for mark in marks {
        match mark {
            Mark::Line { class, from, to } => line(canvas, &[place.at(*from), place.at(*to)], place, class, series),
            Mark::Path { class, points, .. } => {
                let points: Vec<(f64, f64)> = points.iter().map(|point| place.at(*point)).collect();
                match look::filling(class) {
                    Some(Filling { color: Some(color), .. }) => canvas.fill(points, color),
                    _ => line(canvas, &points, place, class, series),
                }
            }
            Mark::Text { class, at, text } => {
                let letters = look::letters(class).unwrap_or(look::Letters { color: INK, size: 12.0, bold: false });
                let anchor = match class.split(' ').next() {
                    Some("m") => Anchor::Middle,
                    Some("e") => Anchor::End,
                    _ => Anchor::Start,
                };
                let how = Type {
                    bold: letters.bold,
                    ..Type::new(letters.size * place.scale, anchor).in_color(letters.color)
                };
                canvas.text(place.at(*at), text.as_str(), how);
            }
            Mark::Rect { class, corner, size } => fill(canvas, place, *corner, *size, class),
            Mark::Dots { points, .. } => {
                for point in points {
                    canvas.disc(place.at(*point), 1.5 * place.scale, (178, 178, 178));
                }
            }
            Mark::Shape { series: number, at } => {
                let color = look::series_color(series.unwrap_or(*number));
                stamp(canvas, *number, place.at(*at), place.scale * 1.15, PAPER);
                stamp(canvas, *number, place.at(*at), place.scale, color);
            }
            Mark::Group { class, marks, .. } => {
                play(canvas, marks, place, look::series(class).or(series.filter(|_| class != "part")))
            }
            Mark::Datum { marks, .. } => play(canvas, marks, place, series),
        }
    }
}

/// The mark of a series.
fn stamp(canvas: &mut Canvas, series: usize, (x, y): (f64, f64), scale: f64, color: Color) {
    match shape(series) {
        [] => canvas.disc((x, y), RADIUS * scale, color),
        corners => canvas.fill(corners.iter().map(|(dx, dy)| (x + dx * scale, y + dy * scale)).collect(), color),
    }
}

fn line(canvas: &mut Canvas, points: &[(f64, f64)], place: Place, class: &str, series: Option<usize>) {
    let plain = Stroke { color: INK, thickness: 1.0, dashes: &[] };
    let Stroke { color, thickness, dashes } = look::stroke(class, series).unwrap_or(plain);
    let dashes: Vec<f64> = dashes.iter().map(|length| length * place.scale).collect();
    canvas.dashed(points, &dashes, color, thickness * place.scale);
}

/// A rectangle with its pattern and its edge.
fn fill(canvas: &mut Canvas, place: Place, corner: (f64, f64), size: (f64, f64), class: &str) {
    let plain = Filling { color: Some(INK), pattern: Pattern::Plain, edge: None };
    let Filling { color, pattern, edge } = look::filling(class).unwrap_or(plain);
    let (left, top) = place.at(corner);
    let (right, bottom) = place.at((corner.0 + size.0, corner.1 + size.1));
    if let Some(color) = color {
        canvas.rectangle((left, top), (right - left, bottom - top), color);
        pattern_over(canvas, pattern, (left, top), (right, bottom), light(color));
    }
    if let Some(Stroke { color, thickness, dashes }) = edge {
        let dashes: Vec<f64> = dashes.iter().map(|length| length * place.scale).collect();
        // From the middle of a side, so that the corners are all alike.
        let start = (f64::midpoint(left, right), top);
        let around = [start, (right, top), (right, bottom), (left, bottom), (left, top), start];
        canvas.dashed(&around, &dashes, color, thickness * place.scale);
    }
}

/// Two thirds of the way to white.
fn light((red, green, blue): Color) -> Color {
    let mix = |part: u8| ((u16::from(part) + 2 * 255) / 3) as u8;
    (mix(red), mix(green), mix(blue))
}

/// Lines or dots inside a rectangle.
fn pattern_over(
    canvas: &mut Canvas,
    pattern: Pattern,
    (left, top): (f64, f64),
    (right, bottom): (f64, f64),
    color: Color,
) {
    const STEP: f64 = 11.0;
    const THIN: f64 = 1.6;
    // Diagonals x + y = c, or x - y = c, cut at the edges.
    let diagonals = |canvas: &mut Canvas, falling: bool| {
        let sign = if falling { -1.0 } else { 1.0 };
        let (low, high) = if falling { (left - bottom, right - top) } else { (left + top, right + bottom) };
        let mut c = (low / STEP).ceil() * STEP;
        while c < high {
            let from = left.max(if falling { c + top } else { c - bottom });
            let to = right.min(if falling { c + bottom } else { c - top });
            if to - from > 0.5 {
                canvas.line((from, sign * (c - from)), (to, sign * (c - to)), color, THIN);
            }
            c += STEP;
        }
    };
    let rows = |from: f64| {
        let first = (top / (STEP / 2.0)).ceil() * (STEP / 2.0);
        std::iter::successors(Some(first), |y| Some(y + STEP / 2.0))
            .take_while(move |y| *y < bottom - 1.0)
            .filter(move |y| *y > from)
    };
    match pattern {
        Pattern::Plain => {}
        Pattern::Hatched => diagonals(canvas, false),
        Pattern::Crossed => {
            diagonals(canvas, false);
            diagonals(canvas, true);
        }
        Pattern::Striped => rows(top + 1.0).for_each(|y| canvas.line((left, y), (right, y), color, THIN)),
        Pattern::Dotted => {
            for (row, y) in rows(top + 2.0).enumerate() {
                let mut x = left + STEP * if row % 2 == 0 { 0.25 } else { 0.75 };
                while x < right - 1.5 {
                    canvas.disc((x, y), 1.5, color);
                    x += STEP;
                }
            }
        }
    }
}
