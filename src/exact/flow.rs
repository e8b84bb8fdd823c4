//! The structure of a stack as a flow of requests, for parts that are in one of several states with known probabilities.
//!
//! The rule is that of the scenario reference: all-of passes on what is left, any-of tries the next, k-of-n is as good as its k-th best. All
//! sums are of positive terms, so that a probability of 1e-12 keeps its digits.

use super::chance::Chance;
use crate::model::Need;

/// A way through a part: served = min(share x load, capacity).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lane {
    /// Share of the load that takes this way.
    pub share: f64,
    /// Most requests per second.
    pub capacity: f64,
}

impl Lane {
    /// Serves everything.
    pub const ALL: Lane = Lane { share: 1.0, capacity: f64::INFINITY };
}

/// States of a part, with the ways through it in each; no way serves nothing.
pub(super) type States = Vec<(Chance, Vec<Lane>)>;

/// A structure whose leaves are positions in a list of parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A part.
    Leaf(usize),
    /// One after the other.
    AllOf(Vec<Node>),
    /// What one fails is tried on the next.
    AnyOf(Vec<Node>),
    /// As good as the k-th best.
    KOf(usize, Vec<Node>),
}

impl Node {
    /// From a need; `leaf` gives the position of a part.
    pub fn new(need: &Need, leaf: &mut impl FnMut(&Need) -> usize) -> Node {
        let mut list = |needs: &[Need]| needs.iter().map(|need| Node::new(need, leaf)).collect();
        match need {
            Need::AllOf(needs) => Node::AllOf(list(needs)),
            Need::AnyOf(needs) => Node::AnyOf(list(needs)),
            Need::KOf { k, of } => Node::KOf(*k, list(of)),
            part => Node::Leaf(leaf(part)),
        }
    }

    /// Calls `visit` for every leaf.
    pub fn leaves(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Node::Leaf(index) => visit(*index),
            Node::AllOf(of) | Node::AnyOf(of) | Node::KOf(_, of) => of.iter().for_each(|node| node.leaves(visit)),
        }
    }

    /// What is served of `load` (requests/s), with its probabilities. Each leaf stands in it once, or has one state.
    pub fn served(&self, load: f64, parts: &[States]) -> Vec<(Chance, f64)> {
        match self {
            Node::Leaf(index) => {
                let through = |lanes: &[Lane]| lanes.iter().map(|lane| (lane.share * load).min(lane.capacity)).sum();
                merged(parts[*index].iter().map(|(chance, lanes)| (*chance, through(lanes))).collect())
            }
            Node::AllOf(of) => {
                of.iter().fold(vec![(Chance::ONE, load)], |loads, node| then(&loads, |load| node.served(load, parts)))
            }
            Node::AnyOf(of) => {
                let left = of.iter().fold(vec![(Chance::ONE, load)], |lefts, node| {
                    then(&lefts, |left| {
                        node.served(left, parts).into_iter().map(|(chance, served)| (chance, left - served)).collect()
                    })
                });
                merged(left.into_iter().map(|(chance, left)| (chance, load - left)).collect())
            }
            Node::KOf(k, of) => {
                let members: Vec<_> = of.iter().map(|node| node.served(load, parts)).collect();
                kth_best(*k, &members)
            }
        }
    }
}

/// Each value goes on to several.
fn then(values: &[(Chance, f64)], next: impl Fn(f64) -> Vec<(Chance, f64)>) -> Vec<(Chance, f64)> {
    let mut all = Vec::new();
    for (chance, value) in values {
        all.extend(next(*value).into_iter().map(|(its, value)| (*chance * its, value)));
    }
    merged(all)
}

/// Equal values are one, and values ascend.
pub(super) fn merged(mut values: Vec<(Chance, f64)>) -> Vec<(Chance, f64)> {
    values.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut result: Vec<(Chance, f64)> = Vec::with_capacity(values.len());
    for (chance, value) in values {
        match result.last_mut() {
            _ if chance.is_void() => {}
            Some(last) if last.1 == value => last.0 += chance,
            _ => result.push((chance, value)),
        }
    }
    result
}

/// The k-th best of independent values: it is v if fewer than k are above v and at least k are not below it.
fn kth_best(k: usize, members: &[Vec<(Chance, f64)>]) -> Vec<(Chance, f64)> {
    let mut values: Vec<f64> = members.iter().flatten().map(|(_, value)| *value).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let n = members.len();
    let result = values.into_iter().map(|value| {
        // Probabilities of how many are above, and how many equal.
        let mut counts = vec![vec![Chance::ZERO; n + 1]; n + 1];
        counts[0][0] = Chance::ONE;
        for member in members {
            let mut side = [Chance::ZERO; 3];
            for (chance, its) in member {
                let index = match its.total_cmp(&value) {
                    std::cmp::Ordering::Less => 0,
                    std::cmp::Ordering::Equal => 1,
                    std::cmp::Ordering::Greater => 2,
                };
                side[index] += *chance;
            }
            let mut next = vec![vec![Chance::ZERO; n + 1]; n + 1];
            for above in 0..n {
                for equal in 0..n - above {
                    let here = counts[above][equal];
                    next[above][equal] += here * side[0];
                    next[above][equal + 1] += here * side[1];
                    next[above + 1][equal] += here * side[2];
                }
            }
            counts = next;
        }
        let mut chance = Chance::ZERO;
        for (above, row) in counts.iter().enumerate().take(k) {
            row.iter().skip(k - above).for_each(|it| chance += *it);
        }
        (chance, value)
    });
    merged(result.collect())
}

/// Sum of independent values.
pub(super) fn sum(one: &[(Chance, f64)], other: &[(Chance, f64)]) -> Vec<(Chance, f64)> {
    then(one, |value| other.iter().map(|(chance, more)| (*chance, value + more)).collect())
}
