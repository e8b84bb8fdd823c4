//! The architecture itself, drawn: regions as frames, zones in them, a row of boxes for each part that requests pass, and arrows.

mod draw;
mod drawing;
mod layout;

use super::at::At;
use super::documents::{Block, Documents, Kind, Section};
use super::figure::{Figure, cell, only, table};
use drawing::Drawing;
use maud::{Markup, html};

/// Width in a file: more letters than a page has room for.
const ACROSS: f64 = 940.0;
/// What a mark of a single point of failure says.
const MARK: &str = "SPOF";

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let all = documents.of(Kind::Architecture);
    if all.is_empty() {
        return None;
    }
    let body = all.into_iter().flat_map(|it| one(it, documents.room)).collect();
    Some(Section { id: "architecture", title: "Architecture", body })
}

fn one<'a>(at: &At<'a>, room: usize) -> [Block<'a>; 2] {
    let drawing = Drawing::read(at);
    let name = at.key("architecture").text();
    let data = data(at);
    let cells: Vec<Vec<Markup>> =
        data[1..].iter().map(|line| line[1..].iter().map(|text| cell(text)).collect()).collect();
    let head = ["what", "name", "region", "zone", "number", "role", "single point of failure"];
    let singles = at.key("single_points_of_failure").texts();
    let listed = if singles.is_empty() {
        Vec::new()
    } else {
        vec![format!("Single points of failure: {}.", singles.join(", "))]
    };
    let key = [
        ("single", "single point of failure (SPOF)"),
        ("box balancer", "load balancer"),
        ("box", "units"),
        ("box database", "database"),
        ("box outside", "dependency"),
    ];
    let figure = Figure {
        of: name.to_owned(),
        key: key.map(|(class, meaning)| (class.to_owned(), meaning.to_owned())).to_vec(),
        across: ACROSS,
        listed,
        numbers: Some(table(&format!("{name}: what stands where"), &head, head.len(), &cells, room)),
        data,
        pictures: only(move |width| draw::draw(&drawing, width)),
        ..Figure::new(
            "architecture",
            format!("{name}: the architecture"),
            "Solid arrows: requests. Dashed arrows: data that are copied, and requests after a failover only. Single point of failure: while it alone is down, \
             the service stays below its threshold, whatever stands in for it within a week.",
        )
    };
    let words = html! {
        h3 { (at.key("question").text()) }
        p { (at.key("answer").text()) }
    };
    [words.into(), figure.into()]
}

/// A line for each place and each box.
fn data(at: &At) -> Vec<Vec<String>> {
    let head = ["architecture", "what", "name", "region", "zone", "count", "role", "single_point_of_failure"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    let name = at.key("architecture").text();
    let mut add = |rest: [&str; 6], single: &At| {
        let about = std::iter::once(name).chain(rest).map(str::to_owned);
        lines.push(about.chain([single.exact()]).collect());
    };
    for region in at.key("regions").items() {
        let of = region.key("name").text();
        add(["region", of, of, "", "1", ""], &region.key("single_point_of_failure"));
        for zone in region.key("zones").items() {
            let it = zone.key("name").text();
            add(["zone", it, of, it, "1", ""], &zone.key("single_point_of_failure"));
        }
    }
    for part in at.key("parts").items() {
        let (kind, it) = (part.key("kind").text(), part.key("name").text());
        for group in part.key("groups").items() {
            let count = group.key("count").exact();
            add([kind, it, group.key("region").text(), "", &count, "all units"], &group.key("single_point_of_failure"));
        }
        for node in part.key("nodes").items() {
            let count = node.key("count").exact();
            let places = node.key("places").items();
            let single = places.iter().find(|place| place.key("single_point_of_failure").is_true()).or(places.first());
            let single = single.map_or_else(|| node.key("none"), |place| place.key("single_point_of_failure"));
            let (region, zone) = (node.key("region").text(), node.key("zone").text());
            add([kind, it, region, zone, &count, node.key("role").text()], &single);
        }
    }
    lines
}

#[cfg(test)]
mod tests;
