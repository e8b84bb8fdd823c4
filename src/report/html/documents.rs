//! The result documents that a page is made of, told apart by their keys.

use super::at::At;
use super::figure::Figure;
use crate::report::json::FORMAT_VERSION;
use maud::Markup;
use serde_json::Value;

/// Why a page cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name}: {why}; write one with --output json of run, compare, sweep, drill, explain, uncertainty, importance, optimize or gate"
)]
pub struct NoResult {
    name: String,
    why: String,
}

/// What a document is the result of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Kind {
    /// `run` or `compare`.
    Study,
    /// `gate`: a study, and conditions.
    Gate,
    /// `sweep`.
    Sweep,
    /// `drill`.
    Drill,
    /// `explain`.
    Story,
    /// `uncertainty`.
    Uncertainty,
    /// `importance`.
    Importance,
    /// `optimize`.
    Optimization,
    /// `chart` of a scenario.
    Architecture,
}

impl Kind {
    fn of(document: &Value) -> Option<Self> {
        let kinds = [
            ("conditions", Kind::Gate),
            ("comparisons", Kind::Study),
            ("points", Kind::Sweep),
            ("drills", Kind::Drill),
            ("timeline", Kind::Story),
            ("tornado", Kind::Uncertainty),
            ("savings", Kind::Importance),
            ("candidates", Kind::Optimization),
            ("parts", Kind::Architecture),
        ];
        kinds.into_iter().find(|(key, _)| document[*key].is_array()).map(|(_, kind)| kind)
    }
}

/// Reads a document.
pub(in crate::report) fn read(name: &str, text: &str) -> Result<(Kind, Value), NoResult> {
    let no = |why: String| NoResult { name: name.to_owned(), why };
    let document: Value = serde_json::from_str(text).map_err(|error| no(format!("is no JSON: {error}")))?;
    let version = &document["format_version"];
    if version.is_null() {
        return Err(no("is no result of ridethrough".to_owned()));
    }
    if *version != FORMAT_VERSION {
        return Err(no(format!("has the format {version}, which this version does not know")));
    }
    let kind = Kind::of(&document).ok_or_else(|| no("is no result that a report can show".to_owned()))?;
    Ok((kind, document))
}

/// A part of the page.
pub(in crate::report) struct Section<'a> {
    pub id: &'static str,
    pub title: &'static str,
    pub body: Vec<Block<'a>>,
}

/// What a section is made of.
pub(in crate::report) enum Block<'a> {
    /// Sentences and tables.
    Words(Markup),
    /// A figure, which can also be drawn into files.
    Figure(Box<Figure<'a>>),
}

impl<'a> Section<'a> {
    /// One that has nothing but a figure.
    pub fn of(id: &'static str, title: &'static str, figure: Figure<'a>) -> Self {
        Self { id, title, body: vec![figure.into()] }
    }

    /// One without figures.
    pub fn words(id: &'static str, title: &'static str, words: Markup) -> Self {
        Self { id, title, body: vec![words.into()] }
    }

    /// Its figures.
    pub fn figures(self) -> impl Iterator<Item = Figure<'a>> {
        self.body.into_iter().filter_map(|block| match block {
            Block::Words(_) => None,
            Block::Figure(figure) => Some(*figure),
        })
    }
}

impl Block<'_> {
    pub fn markup(&self) -> Markup {
        match self {
            Block::Words(words) => words.clone(),
            Block::Figure(figure) => figure.markup(),
        }
    }
}

impl From<Markup> for Block<'_> {
    fn from(words: Markup) -> Self {
        Block::Words(words)
    }
}

impl<'a> From<Figure<'a>> for Block<'a> {
    fn from(figure: Figure<'a>) -> Self {
        Block::Figure(Box::new(figure))
    }
}

/// What the page shows.
pub(in crate::report) struct Documents<'a> {
    all: Vec<(Kind, At<'a>)>,
    /// Most rows of a table, and most architectures: what does not fit is in the JSON only.
    pub room: usize,
}

impl<'a> Documents<'a> {
    pub fn new(documents: &'a [(Kind, Value)], room: usize) -> Self {
        let all = documents.iter().enumerate().map(|(place, (kind, value))| (*kind, At::document(value, place)));
        Self { all: all.collect(), room }
    }

    /// All documents in the order given.
    pub fn all(&self) -> impl Iterator<Item = &At<'a>> {
        self.all.iter().map(|(_, at)| at)
    }

    /// Those of a kind.
    pub fn of(&self, kind: Kind) -> Vec<&At<'a>> {
        self.all.iter().filter(|(other, _)| *other == kind).map(|(_, at)| at).collect()
    }

    /// Those that are about architectures: studies, or what stands in for one.
    pub fn studies(&self) -> Vec<&At<'a>> {
        let of = |kinds: &[Kind]| -> Vec<&At<'a>> {
            self.all.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, at)| at).collect()
        };
        let studies = of(&[Kind::Study, Kind::Gate]);
        if studies.is_empty() { of(&[Kind::Importance]) } else { studies }
    }

    /// The architectures of the studies.
    pub fn architectures(&self) -> Vec<At<'a>> {
        self.studies().into_iter().flat_map(|study| self.of_study(study)).take(self.room).collect()
    }

    /// The architectures of one study.
    pub fn of_study(&self, study: &At<'a>) -> Vec<At<'a>> {
        let several = study.key("architectures").items();
        if !several.is_empty() {
            return several;
        }
        // Of a drill it is but the name.
        Some(study.key("architecture")).filter(|it| !it.key("name").is_null()).into_iter().collect()
    }

    /// Whatever has assumptions and warnings: the architectures of all documents, and drills.
    pub fn assuming(&self) -> Vec<At<'a>> {
        let parts = self.all.iter().flat_map(|(kind, at)| match kind {
            Kind::Study | Kind::Gate | Kind::Importance => self.of_study(at),
            Kind::Sweep => at.key("points").items().iter().map(|point| point.key("architecture")).collect(),
            Kind::Optimization => at.key("shown").items().iter().map(|shown| shown.key("architecture")).collect(),
            Kind::Uncertainty => vec![at.key("median")],
            Kind::Drill => vec![at.clone()],
            Kind::Story | Kind::Architecture => Vec::new(),
        });
        parts.collect()
    }
}
