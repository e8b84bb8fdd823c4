//! What is drawn of an architecture, as its document says it.

use super::super::at::At;
use crate::report::value::{duration, portion};

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawing {
    /// What stands in the box of the DNS name; empty without one.
    pub dns: Vec<String>,
    pub regions: Vec<Region>,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(super) struct Region {
    pub name: String,
    /// What is said of it.
    pub about: String,
    pub single: bool,
    /// Share of the requests that usually goes there; none where no stack runs.
    pub share: Option<f64>,
    pub zones: Vec<(String, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Balancer,
    Tier,
    Database,
    Dependency,
}

#[derive(Debug, Clone)]
pub(super) struct Part {
    pub kind: Kind,
    pub name: String,
    pub about: String,
    pub needed_in: Vec<String>,
    /// Region, number of units, and whether all of them together are a single point of failure.
    pub groups: Vec<(String, u64, bool)>,
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub region: Option<String>,
    pub zone: Option<String>,
    pub count: u64,
    pub role: String,
    /// How data come to it from the first of its database; empty where it is no copy.
    pub copied: String,
    pub single: bool,
}

impl Drawing {
    pub fn read(at: &At) -> Self {
        let single = |at: &At| at.key("single_point_of_failure").is_true();
        let text = |at: At| (!at.text().is_empty()).then(|| at.text().to_owned());
        let number = |at: At| at.number().unwrap_or(0.0) as u64;
        let region = |at: &At| Region {
            name: at.key("name").text().to_owned(),
            about: about_region(at),
            single: single(at),
            share: at.key("usual_share").number(),
            zones: at.key("zones").items().iter().map(|it| (it.key("name").text().to_owned(), single(it))).collect(),
        };
        let node = |at: &At| Node {
            region: text(at.key("region")),
            zone: text(at.key("zone")),
            count: number(at.key("count")),
            role: at.key("role").text().to_owned(),
            copied: at.key("copied").text().to_owned(),
            single: at.key("places").items().iter().any(single),
        };
        let part = |at: &At| Part {
            kind: match at.key("kind").text() {
                "load-balancer" => Kind::Balancer,
                "tier" => Kind::Tier,
                "database" => Kind::Database,
                _ => Kind::Dependency,
            },
            name: at.key("name").text().to_owned(),
            about: at.key("about").text().to_owned(),
            needed_in: at.key("needed_in").texts().iter().map(|it| (*it).to_owned()).collect(),
            groups: (at.key("groups").items().iter())
                .map(|it| (it.key("region").text().to_owned(), number(it.key("count")), single(it)))
                .collect(),
            nodes: at.key("nodes").items().iter().map(node).collect(),
        };
        let dns = at.key("dns");
        let ttl = dns.key("ttl_seconds").number().map_or_else(String::new, duration);
        let checked = if dns.key("checked").is_true() { "health checks" } else { "no checks" };
        let record = format!("DNS, {}", dns.key("record").text());
        Self {
            dns: if dns.is_null() { Vec::new() } else { vec![record, format!("TTL {ttl}, {checked}")] },
            regions: at.key("regions").items().iter().map(region).collect(),
            parts: at.key("parts").items().iter().map(part).collect(),
        }
    }
}

/// What is said below the name of a region.
fn about_region(at: &At) -> String {
    let gets = match at.key("usual_share").number() {
        None => "no requests".to_owned(),
        Some(share) if share >= 1.0 => "all requests".to_owned(),
        Some(share) if share <= 0.0 => "requests after a failover".to_owned(),
        Some(share) => format!("{} of requests", portion(share)),
    };
    match at.key("standby_share").number() {
        Some(share) if share <= 0.0 => format!("{gets}; no units until then"),
        Some(share) => format!("{gets}; {} of its units until then", portion(share)),
        None => gets,
    }
}

impl Part {
    /// What stands in the zones of a region.
    pub fn zoned<'p>(&'p self, region: &'p str) -> impl Iterator<Item = &'p Node> {
        self.nodes.iter().filter(move |node| node.zone.is_some() && node.region.as_deref() == Some(region))
    }

    /// What stands in a region, and in none of its zones.
    pub fn unzoned<'p>(&'p self, region: &'p str) -> impl Iterator<Item = &'p Node> {
        self.nodes.iter().filter(move |node| node.zone.is_none() && node.region.as_deref() == Some(region))
    }

    /// Where it stands, if a region needs it and has nothing of it.
    pub fn elsewhere(&self, region: &str) -> Option<&str> {
        let needed = self.needed_in.iter().any(|it| it == region);
        let here = self.nodes.iter().any(|node| node.region.as_deref() == Some(region));
        (needed && !here).then(|| self.nodes.iter().find_map(|node| node.region.as_deref())).flatten()
    }

    /// What is said of it to the left of its boxes in a region: its name, more, and whether all of them together are a single point of failure.
    pub fn said(&self, region: &Region) -> (&str, String, bool) {
        let group = self.groups.iter().find(|(name, ..)| *name == region.name);
        let single = group.is_some_and(|(.., single)| *single);
        match (self.kind, group) {
            (Kind::Balancer, _) => ("balancer", self.about.clone(), single),
            (_, Some((_, 1, _))) => (&self.name, format!("1 unit, {}", self.about), single),
            (_, Some((_, count, _))) => (&self.name, format!("{count} units, {}", self.about), single),
            (_, None) => (&self.name, self.about.clone(), single),
        }
    }

    /// What is written in the box of a node.
    pub fn written(&self, node: &Node) -> (String, &str) {
        let copied = match node.copied.as_str() {
            "synchronous" => "sync",
            "asynchronous" => "async",
            _ => "",
        };
        match (self.kind, &node.zone) {
            (Kind::Tier, _) => (format!("{} {}", node.count, node.role), ""),
            (Kind::Dependency, _) => (self.name.clone(), &self.about),
            (_, Some(_)) if node.count > 1 => (format!("{} {}s", node.count, node.role), copied),
            (_, Some(_)) => (node.role.clone(), copied),
            (_, None) => (format!("{}: {}", self.name, node.role), &self.about),
        }
    }

    /// Class of its boxes.
    pub const fn class(&self) -> &'static str {
        match self.kind {
            Kind::Balancer => "box balancer",
            Kind::Tier => "box",
            Kind::Database => "box database",
            Kind::Dependency => "box outside",
        }
    }
}
