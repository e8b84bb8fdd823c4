//! Problems as people read them: rustc's look, with the source line and a caret.

use super::problem::{Problem, Problems, Severity};
use super::source::{Source, floor_boundary};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write;
use std::ops::Range;

/// A longer line is not shown: it is not written by hand, and nobody could read it.
const LONGEST_LINE: usize = 2000;
/// Lines between two marks that are shown in one piece.
const NEAR: usize = 100;

/// All problems, then how many there are.
pub fn problems(problems: &Problems, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(120);
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "{}\n", renderer.render(&[group(problem)]));
    }
    if !problems.is_empty() {
        let _ = writeln!(text, "{}", count(problems.errors(), problems.warnings()));
    }
    text
}

/// "2 errors and 1 warning".
fn count(errors: usize, warnings: usize) -> String {
    let of = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    };
    match (errors, warnings) {
        (errors, 0) => of(errors, "error"),
        (0, warnings) => of(warnings, "warning"),
        (errors, warnings) => format!("{} and {}", of(errors, "error"), of(warnings, "warning")),
    }
}

fn group(problem: &Problem) -> Group<'_> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&problem.message)).id(problem.code);
    let mut group = Group::with_title(title);
    if let Some(source) = &problem.source {
        let mut marks = vec![Mark {
            range: problem.start..problem.end,
            kind: AnnotationKind::Primary,
            label: problem.label.as_deref(),
        }];
        let mut elsewhere = Vec::new();
        for related in &problem.related {
            let range = related.span.start as usize..related.span.end as usize;
            let mark = Mark { range, kind: AnnotationKind::Context, label: Some(&related.label) };
            let near = related.line.abs_diff(problem.line) <= NEAR;
            match &related.source {
                Some(other) if !near || other.name != source.name => elsewhere.push((other, mark)),
                _ => marks.push(mark),
            }
        }
        group = snippet(group, source, marks);
        for (other, mark) in elsewhere {
            group = snippet(group, other, vec![mark]);
        }
    } else if !problem.file.is_empty() {
        group = group.element(Origin::path(problem.file.as_str()));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    group
}

struct Mark<'a> {
    range: Range<usize>,
    kind: AnnotationKind,
    label: Option<&'a str>,
}

/// Adds the lines that the marks touch; what lies between is folded.
fn snippet<'a>(group: Group<'a>, source: &'a Source, marks: Vec<Mark<'a>>) -> Group<'a> {
    let text = source.text.as_str();
    let lines = |range: &Range<usize>| {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(range.start));
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        first..last
    };
    let whole = marks.iter().map(|mark| lines(&mark.range)).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
    let Some(whole) = whole else { return group };
    let excerpt = &text[whole.clone()];
    if excerpt.lines().any(|line| line.len() > LONGEST_LINE) || source.text.is_empty() {
        let (line, column) = source.position(marks[0].range.start);
        return group.element(Origin::path(source.name.as_str()).line(line).char_column(column));
    }
    let mut snippet =
        Snippet::source(harmless(excerpt)).line_start(source.position(whole.start).0).path(source.name.as_str());
    for mark in marks {
        let start = floor_boundary(text, mark.range.start) - whole.start;
        let end = floor_boundary(text, mark.range.end.max(mark.range.start)) - whole.start;
        // A table that spans many lines is marked at its first.
        let end = excerpt[start..end].find('\n').map_or(end, |newline| start + newline);
        snippet = snippet.annotation(mark.kind.span(start..end).label(mark.label.map(printable)));
    }
    group.element(snippet)
}

/// Lines of a file without the control characters that the renderer shows as they are, of which one begins commands of a terminal as Esc [ does.
/// What stands for them takes as many bytes, so that marks stay where they are.
fn harmless(lines: &str) -> String {
    lines.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '\u{b7}' } else { c }).collect()
}

/// Text from a file without what could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
