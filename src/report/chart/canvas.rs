//! A picture as a list of marks, and its rendering to SVG and PNG.
//!
//! Charts place marks on a canvas of [`WIDTH`] columns; both renderings work at three times that resolution, so that
//! integer coordinates of the drawing library are fine enough, and the PNG is averaged down by two for smooth edges.

use super::super::xml::legible;
use super::font;
use crate::file::{Error, write_atomically};
use maud::html;
use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};
use std::path::{Path, PathBuf};

/// Width of every picture, in the units of its marks.
pub(super) const WIDTH: f64 = 1200.0;
/// Device units per unit of a picture.
const SCALE: f64 = 3.0;
/// Device units per pixel of a PNG, each way.
const REDUCTION: u32 = 2;

/// Red, green, blue.
pub(super) type Color = (u8, u8, u8);

/// Text and axes.
pub(super) const INK: Color = (34, 34, 34);
/// What explains but is not data.
pub(super) const MUTED: Color = (96, 96, 96);
/// Grid lines.
pub(super) const GRID: Color = (224, 224, 224);
/// The ground.
pub(super) const PAPER: Color = (255, 255, 255);

/// Which end of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// Size [units per em].
    pub size: f64,
    /// Colour.
    pub color: Color,
    /// Weight.
    pub bold: bool,
    /// Which end the position names; its height is always the middle of the small letters.
    pub anchor: Anchor,
}

impl Type {
    /// Plain text.
    pub const fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, color: INK, bold: false, anchor }
    }

    /// In another colour.
    pub const fn in_color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// Bold.
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Width of a text [units].
    pub fn width(&self, text: &str) -> f64 {
        font::width(text, self.bold) * self.size
    }

    /// The text, shortened with an ellipsis to fit into so many units.
    pub fn fit(&self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut kept = String::new();
        for letter in text.chars() {
            kept.push(letter);
            if self.width(&kept) + self.width("…") > room {
                kept.pop();
                break;
            }
        }
        format!("{}…", kept.trim_end())
    }
}

#[derive(Debug, Clone)]
enum Mark {
    Path { points: Vec<(f64, f64)>, color: Color, thickness: f64 },
    Fill { points: Vec<(f64, f64)>, color: Color },
    Box { corner: (f64, f64), size: (f64, f64), color: Color },
    Disc { center: (f64, f64), radius: f64, color: Color },
    Text { at: (f64, f64), text: String, how: Type },
}

/// A picture under construction: later marks cover earlier ones. Positions are from the upper left corner.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    /// What it shows, and how to read it, for those who do not see it.
    told: (String, String),
    height: f64,
    marks: Vec<Mark>,
}

impl Canvas {
    /// An empty picture of something that has a name and a description.
    pub fn new(name: &str, description: &str) -> Self {
        Self { told: (legible(name), legible(description)), height: 0.0, marks: Vec::new() }
    }

    /// Says how high it is.
    pub fn end(&mut self, height: f64) {
        self.height = height.ceil();
    }

    /// A line through points.
    pub fn path(&mut self, points: Vec<(f64, f64)>, color: Color, thickness: f64) {
        if points.len() > 1 {
            self.marks.push(Mark::Path { points, color, thickness });
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), color: Color, thickness: f64) {
        self.path(vec![from, to], color, thickness);
    }

    /// A line through points, of dashes and gaps in turn; unbroken where there are none.
    pub fn dashed(&mut self, points: &[(f64, f64)], pattern: &[f64], color: Color, thickness: f64) {
        if pattern.iter().sum::<f64>() <= 0.0 {
            self.path(points.to_vec(), color, thickness);
            return;
        }
        let (mut place, mut left) = (0, pattern[0]);
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = libm::hypot(dx, dy);
            let at = |distance: f64| (from.0 + dx * distance / length, from.1 + dy * distance / length);
            let mut start = 0.0;
            while start < length {
                let end = (start + left).min(length);
                if place % 2 == 0 {
                    self.line(at(start), at(end), color, thickness);
                }
                left -= end - start;
                if left <= 1e-9 {
                    place = (place + 1) % pattern.len();
                    left = pattern[place];
                }
                start = end;
            }
        }
    }

    /// A filled polygon.
    pub fn fill(&mut self, points: Vec<(f64, f64)>, color: Color) {
        self.marks.push(Mark::Fill { points, color });
    }

    /// A filled rectangle, from its upper left corner.
    pub fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), color: Color) {
        self.marks.push(Mark::Box { corner, size, color });
    }

    /// A filled circle.
    pub fn disc(&mut self, center: (f64, f64), radius: f64, color: Color) {
        self.marks.push(Mark::Disc { center, radius, color });
    }

    /// One line of text.
    pub fn text(&mut self, at: (f64, f64), text: impl Into<String>, how: Type) {
        self.marks.push(Mark::Text { at, text: plain(&text.into()), how });
    }

    /// Writes `<stem>.svg` and `<stem>.png` into a folder.
    pub fn save(&self, folder: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
        let svg = folder.join(format!("{stem}.svg"));
        write_atomically(&svg, self.svg(&svg)?.as_bytes())?;
        let png = folder.join(format!("{stem}.png"));
        write_atomically(&png, &self.png(&png)?)?;
        Ok([svg, png])
    }

    fn device_size(&self) -> (u32, u32) {
        (device(WIDTH) as u32, device(self.height) as u32)
    }

    /// The picture as SVG; `path` names it in an error.
    pub fn svg(&self, path: &Path) -> Result<String, Error> {
        let failed = |detail: String| Error::Draw { path: path.to_owned(), detail };
        let (width, height) = self.device_size();
        let mut text = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut text, (width, height));
            self.draw(&mut backend, |backend: &mut SVGBackend<'_>, at, text, how| {
                let horizontal = match how.anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                // The backend divides by 1.24 to get the em.
                let color = rgb(how.color);
                let style = TextStyle::from(described(how, how.size * SCALE * 1.24))
                    .color(&color)
                    .pos(Pos::new(horizontal, VPos::Center));
                let at = (device(at.0), device(at.1));
                backend.draw_text(text, &style, at).map_err(|error| error.to_string())
            })
            .map_err(failed)?;
            backend.present().map_err(|error| failed(error.to_string()))?;
        }
        // The coordinates are finer than the size at which the picture is meant to be seen.
        let fine = format!("width=\"{width}\" height=\"{height}\"");
        let text = text.replacen(&fine, &format!("role=\"img\" width=\"{WIDTH}\" height=\"{}\"", self.height), 1);
        let (name, description) = &self.told;
        let told = html! { title { (name) } desc { (description) } }.into_string();
        Ok(match text.split_once('>') {
            Some((opening, rest)) => format!("{opening}>\n{told}{rest}"),
            None => text,
        })
    }

    /// The picture as PNG; `path` names it in an error.
    fn png(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let failed = |detail: String| Error::Draw { path: path.to_owned(), detail };
        if !font::register() {
            return Err(failed("the embedded font is damaged".to_owned()));
        }
        let (width, height) = self.device_size();
        let mut fine = vec![255_u8; (width * height * 3) as usize];
        {
            let mut backend = BitMapBackend::with_buffer(&mut fine, (width, height));
            self.draw(&mut backend, draw_letters).map_err(failed)?;
            backend.present().map_err(|error| failed(error.to_string()))?;
        }
        let (pixels, size) = reduced(&fine, (width, height));
        encoded(&pixels, size, path)
    }

    /// Replays the marks; text is drawn in the backend's own way. An error is a sentence of the drawing library.
    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        draw_text: impl Fn(&mut B, (f64, f64), &str, &Type) -> Result<(), String>,
    ) -> Result<(), String> {
        let (width, height) = self.device_size();
        backend
            .draw_rect((0, 0), (width as i32, height as i32), &rgb(PAPER), true)
            .map_err(|error| error.to_string())?;
        let point = |(x, y): (f64, f64)| (device(x), device(y));
        for mark in &self.marks {
            let drawn = match mark {
                Mark::Path { points, color, thickness } => {
                    let style = ShapeStyle {
                        color: rgb(*color).to_rgba(),
                        filled: false,
                        stroke_width: (device(*thickness).max(1)) as u32,
                    };
                    backend.draw_path(points.iter().copied().map(point), &style)
                }
                Mark::Fill { points, color } => backend.fill_polygon(points.iter().copied().map(point), &rgb(*color)),
                Mark::Box { corner, size, color } => {
                    let opposite = (corner.0 + size.0, corner.1 + size.1);
                    backend.draw_rect(point(*corner), point(opposite), &rgb(*color), true)
                }
                Mark::Disc { center, radius, color } => {
                    backend.draw_circle(point(*center), device(*radius).max(1) as u32, &rgb(*color), true)
                }
                Mark::Text { at, text, how } => {
                    draw_text(backend, *at, text, how)?;
                    Ok(())
                }
            };
            drawn.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// The text without signs that the embedded font lacks.
fn plain(text: &str) -> String {
    legible(text).replace('≥', ">=").replace('≤', "<=").replace('∞', "inf").replace('→', "to")
}

/// Units of a picture in device units.
fn device(units: f64) -> i32 {
    (units * SCALE).round() as i32
}

fn rgb((red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

fn described(how: &Type, size: f64) -> FontDesc<'static> {
    let style = if how.bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(font::FAMILY), size, style)
}

/// Draws a text letter by letter, each at its own place: the library's own spacing drops the side bearings.
fn draw_letters(backend: &mut BitMapBackend<'_>, at: (f64, f64), text: &str, how: &Type) -> Result<(), String> {
    let em = how.size * SCALE;
    // The library puts the baseline at half the size, cut to an integer: an even size keeps it where it belongs.
    let size = 2.0 * (em * font::LINE / 2.0).round();
    let em = size / font::LINE;
    let described = described(how, size);
    let width = font::width(text, how.bold) * em;
    let mut pen = at.0 * SCALE
        - match how.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
    let top = (at.1 * SCALE + font::X_HEIGHT / 2.0 * em - size / 2.0).round() as i32;
    for character in text.chars() {
        let letter = font::letter(character, how.bold);
        // The library draws a letter from its leftmost pixel on.
        let left = (pen + (letter.bearing * em).floor()).round() as i32;
        described
            .draw(character.encode_utf8(&mut [0; 4]), (left, top), |x, y, cover| {
                let color = rgb(how.color).mix(f64::from(cover.clamp(0.0, 1.0)));
                backend.draw_pixel((x, y), color.to_backend_color()).map_err(|error| error.to_string())
            })
            .map_err(|error| error.to_string())??;
        pen += letter.advance * em;
    }
    Ok(())
}

/// The average of each square of device pixels.
fn reduced(fine: &[u8], (width, height): (u32, u32)) -> (Vec<u8>, (u32, u32)) {
    let (columns, rows) = (width / REDUCTION, height / REDUCTION);
    let step = REDUCTION as usize;
    let stride = width as usize * 3;
    let mut pixels = Vec::with_capacity((columns * rows * 3) as usize);
    for row in 0..rows as usize {
        for column in 0..columns as usize {
            for channel in 0..3 {
                let mut sum = 0;
                for dy in 0..step {
                    let from = (row * step + dy) * stride + column * step * 3 + channel;
                    sum += (0..step).map(|dx| u32::from(fine[from + dx * 3])).sum::<u32>();
                }
                let count = REDUCTION * REDUCTION;
                pixels.push(((sum + count / 2) / count) as u8);
            }
        }
    }
    (pixels, (columns, rows))
}

/// Pixels as the bytes of a PNG. The library encodes only into files, so it gets one of its own.
fn encoded(pixels: &[u8], size: (u32, u32), path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".ridethrough-").suffix(".png").tempfile_in(folder).map_err(failed)?;
    {
        let mut backend = BitMapBackend::new(file.path(), size);
        let drawn = backend.blit_bitmap((0, 0), size, pixels).and_then(|()| backend.present());
        drawn.map_err(|error| Error::Draw { path: path.to_owned(), detail: error.to_string() })?;
    }
    std::fs::read(file.path()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Canvas {
        let mut canvas = Canvas::new("Hamlet", "What is said");
        canvas.end(300.0);
        canvas.rectangle((100.0, 100.0), (50.0, 20.0), (255, 0, 0));
        canvas.text((20.0, 40.0), "To be < or ≥ not", Type::new(16.0, Anchor::Start));
        canvas
    }

    #[test]
    fn an_svg_is_seen_at_the_size_of_the_picture() {
        let text = sample().svg(Path::new("x.svg")).expect("draws");
        assert!(text.contains(r#"<svg role="img" width="1200" height="300" viewBox="0 0 3600 900""#));
        assert!(text.contains(r#"font-family="Noto Sans, sans-serif""#));
        assert!(text.contains("To be &lt; or &gt;= not"));
    }

    #[test]
    fn a_png_has_half_the_device_pixels() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let png = sample().png(&folder.path().join("x.png")).expect("draws");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..24], [0, 0, 0x07, 0x08, 0, 0, 0x01, 0xc2], "1800 by 450");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0, "nothing is left behind");
    }

    #[test]
    fn averaging_keeps_a_plain_colour() {
        let (pixels, size) = reduced(&[7; 4 * 4 * 3], (4, 4));
        assert_eq!(size, (2, 2));
        assert!(pixels.iter().all(|&value| value == 7));
    }

    #[test]
    fn a_text_is_shortened_to_its_room() {
        let how = Type::new(10.0, Anchor::Start);
        assert_eq!(how.fit("short", 100.0), "short");
        let fitted = how.fit("a name that is far too long", 60.0);
        assert!(fitted.ends_with('…') && how.width(&fitted) <= 60.0);
    }
}
