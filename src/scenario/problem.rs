//! What is wrong with a scenario, where, and what to do about it.

use super::source::{Source, Sources, Span};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// More problems than this are counted, not listed: nobody reads them, and an adversarial file could have millions.
pub const MOST_PROBLEMS: usize = 500;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing can be simulated.
    Error,
    /// It can be simulated, but perhaps not as meant.
    Warning,
}

/// A value's place: its span, and its key path for people who do not see the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Where it stands.
    pub span: Span,
    /// Key path, e.g. `tier.web.load_balancer.interval`.
    pub key: String,
}

/// One problem of one file.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name of the kind of problem, e.g. `unknown-key`.
    pub code: &'static str,
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 0 if the problem is not in a line.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// First byte of the text concerned.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Key path, e.g. `tier.web.load_balancer.interval`; empty for the file itself.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What stands under the caret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Other places that have to do with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    #[serde(skip)]
    pub(super) span: Option<Span>,
    #[serde(skip)]
    pub(super) source: Option<Arc<Source>>,
}

/// Another place that has to do with a problem, e.g. the first of two definitions.
#[derive(Debug, Clone, Serialize)]
pub struct Related {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What stands under the mark.
    pub label: String,
    #[serde(skip)]
    pub(super) span: Span,
    #[serde(skip)]
    pub(super) source: Option<Arc<Source>>,
}

impl Problem {
    fn new(severity: Severity, code: &'static str, place: &Place, message: impl Into<String>) -> Problem {
        Problem {
            severity,
            code,
            file: String::new(),
            line: 0,
            column: 0,
            start: 0,
            end: 0,
            key: place.key.clone(),
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
            span: Some(place.span),
            source: None,
        }
    }

    pub(super) fn error(code: &'static str, place: &Place, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Error, code, place, message)
    }

    /// The same problem at another place.
    pub(super) fn at(self, place: &Place) -> Problem {
        Problem { span: Some(place.span), key: place.key.clone(), ..self }
    }

    pub(super) fn warning(code: &'static str, place: &Place, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Warning, code, place, message)
    }

    /// An error of a file that has no text to point at.
    pub(super) fn of_file(code: &'static str, file: &str, message: impl Into<String>) -> Problem {
        let mut problem = Problem::error(code, &Place::default(), message);
        problem.file = file.to_owned();
        problem.span = None;
        problem
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = Some(label.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    pub(super) fn also(mut self, place: &Place, label: impl Into<String>) -> Problem {
        self.related.push(Related {
            file: String::new(),
            line: 0,
            column: 0,
            label: label.into(),
            span: place.span,
            source: None,
        });
        self
    }

    /// Fills in file, line and column from the span.
    fn locate(&mut self, sources: &Sources) {
        if let Some(span) = self.span
            && let Some(source) = sources.get(span.file)
        {
            self.file.clone_from(&source.name);
            // An empty span at the start stands for the file as a whole, which has no line to show.
            if (span.start, span.end) == (0, 0) {
                return;
            }
            (self.line, self.column) = source.position(span.start as usize);
            (self.start, self.end) = (span.start as usize, span.end as usize);
            self.source = Some(Arc::clone(source));
        }
        for related in &mut self.related {
            if let Some(source) = sources.get(related.span.file) {
                related.file.clone_from(&source.name);
                (related.line, related.column) = source.position(related.span.start as usize);
                related.source = Some(Arc::clone(source));
            }
        }
    }
}

/// Everything that is wrong with the files of one load, in the order of the files and their lines.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Sorts problems by file and place, drops repetitions (an environment is read once per architecture), and locates
    /// them.
    pub(super) fn locate(mut list: Vec<Problem>, sources: &Sources) -> Problems {
        list.sort_by_key(|problem| problem.span);
        let mut kept: Vec<Problem> = Vec::new();
        for problem in list {
            let same_place = kept.iter().rev().take_while(|other| other.span == problem.span);
            let repeats = |other: &Problem| {
                other.code == problem.code && other.message == problem.message && other.file == problem.file
            };
            if !same_place.into_iter().any(repeats) {
                kept.push(problem);
            }
        }
        let errors = |list: &[Problem]| list.iter().filter(|p| p.severity == Severity::Error).count();
        if kept.len() > MOST_PROBLEMS {
            let all = kept.len();
            let had_errors = errors(&kept) > 0;
            kept.truncate(MOST_PROBLEMS);
            let mut rest = Problem::of_file(
                "too-many-problems",
                "",
                format!("{} more problems are not listed", all - MOST_PROBLEMS),
            )
            .help("fix the first ones; the others are often their consequences");
            if !had_errors {
                rest.severity = Severity::Warning;
            }
            kept.push(rest);
        }
        for problem in &mut kept {
            problem.locate(sources);
        }
        Problems { list: kept }
    }

    /// All problems, by file and place.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// Number of errors.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// Number of warnings.
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The problems themselves.
    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }

    /// Problems with their source lines and carets, then a count of them. Ends with a line break unless there is none.
    pub fn render(&self, colour: bool) -> String {
        super::render::problems(self, colour)
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(list: Vec<Problem>) -> Problems {
        Problems { list }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
