//! Results as one page that needs nothing else: it is made from result documents alone, so that what `--export` writes at once and what
//! `report` makes of saved files are the same bytes. Every number carries its exact text and its address in the document.
//!
//! Pictures are drawn here, for wide and for narrow screens and on each scale; the script only chooses among them.

mod architecture;
mod at;
mod budget;
mod causes;
mod curves;
mod documents;
mod figure;
mod frontier;
mod grounds;
mod levers;
mod nines;
mod overview;
mod resilience;
mod story;
mod svg;
mod sweep;
#[cfg(test)]
mod tests;

pub use documents::NoResult;

pub(super) use documents::{Documents, Kind, Section, read};
pub(super) use figure::Figure;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");
/// Nothing is loaded, whatever the page says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
/// A page is at most so large (bytes).
pub(super) const LARGEST: usize = 1_000_000;
/// Rows of a table, and architectures: all of them, then fewer until the page is small enough.
const ROOMS: [usize; 6] = [usize::MAX, 400, 100, 30, 10, 3];
/// Makes a section, if there is something to show.
type Make = for<'d, 'a> fn(&'d Documents<'a>) -> Option<Section<'a>>;
/// The sections in their order; each is there only if there is something to show.
const SECTIONS: [Make; 17] = [
    overview::section,
    architecture::section,
    nines::section,
    curves::downtime,
    curves::recovery,
    causes::section,
    levers::importance,
    budget::section,
    resilience::section,
    story::section,
    sweep::section,
    levers::tornado,
    frontier::section,
    grounds::bill,
    grounds::assumptions,
    grounds::warnings,
    grounds::method,
];

/// The page of these results, each with the name by which an error calls it and its JSON. It is smaller than 1 MB: where the results are
/// larger, tables end early and say so.
///
/// # Errors
/// When one is no JSON, no result, or a result of another format.
pub fn page(results: &[(String, String)]) -> Result<String, NoResult> {
    let read: Result<Vec<(Kind, Value)>, NoResult> = results.iter().map(|(name, text)| read(name, text)).collect();
    let read = read?;
    let mut text = String::new();
    for room in ROOMS {
        text = whole(&Documents::new(&read, room)).into_string();
        if text.len() < LARGEST {
            break;
        }
    }
    Ok(text)
}

/// Whether a text is a result that a page or charts can be made of; the name is that by which an error calls it.
///
/// # Errors
/// When it is no JSON, no result, or a result of another format.
pub fn is_result(name: &str, text: &str) -> Result<(), NoResult> {
    read(name, text).map(|_| ())
}

/// The sections of these documents.
pub(super) fn sections<'a>(documents: &Documents<'a>) -> Vec<Section<'a>> {
    SECTIONS.iter().filter_map(|section| section(documents)).collect()
}

fn whole(documents: &Documents) -> Markup {
    let sections = sections(documents);
    let first = documents.all().next();
    let of_first = |key: &str| first.map_or("", |it| it.key(key).text());
    let title = of_first("question");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(format!("ridethrough {}", env!("CARGO_PKG_VERSION")));
                link rel="icon" href="data:,";
                title { (title) " - ridethrough" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the results" }
                header {
                    div.bar {
                        span.brand { "ridethrough" }
                        button #theme type="button" aria-pressed="false" class="needs-script" { "Dark" }
                    }
                    h1 { (title) }
                    p.answer { (of_first("answer")) }
                    nav aria-label="Sections" { ul { @for section in &sections { li { a href=(format!("#{}", section.id)) { (section.title) } } } } }
                }
                main #content tabindex="-1" {
                    (patterns())
                    @for section in &sections {
                        section #(section.id) aria-labelledby=(format!("{}-title", section.id)) {
                            h2 id=(format!("{}-title", section.id)) { (section.title) }
                            @for block in &section.body { (block.markup()) }
                        }
                    }
                }
                footer { "Made by ridethrough " (env!("CARGO_PKG_VERSION")) ". This file loads nothing." }
                div #tip role="status" hidden {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// Fillings of the stages: told apart without colour.
fn patterns() -> Markup {
    let tile = |number: usize, marks: Markup| {
        html! {
            pattern id=(format!("stage{number}")) width="8" height="8" patternUnits="userSpaceOnUse" {
                rect.(format!("ground{number}")) width="8" height="8" {}
                (marks)
            }
        }
    };
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" {
            defs {
                (tile(0, html! {}))
                (tile(1, html! { path.hatch d="M-2 2L2 -2M0 8L8 0M6 10L10 6" {} }))
                (tile(2, html! { circle.dot cx="2" cy="2" r="1.3" {} circle.dot cx="6" cy="6" r="1.3" {} }))
                (tile(3, html! { path.hatch d="M0 2H8M0 6H8" {} }))
                (tile(4, html! { path.hatch d="M0 0L8 8M8 0L0 8" {} }))
            }
        }
    }
}
