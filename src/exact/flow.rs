//! The structure of a stack as a flow of requests, for parts that are in one of several states with known probabilities.
//!
//! The rule is that of the scenario reference: all-of passes on what is left, any-of tries the next, k-of-n is as good as its k-th best, for reads
//! and for writes each. All sums are of positive terms, so that a probability of 1e-12 keeps its digits.

use super::chance::Chance;
use crate::model::{Demand, Need};
use std::cmp::Ordering;

/// Reads and writes (1/s).
pub(super) type Load = [f64; 2];

/// A share of the demand.
pub(super) fn load(demand: &Demand, share: f64) -> Load {
    let writes = demand.writes.0.min(demand.rate.0);
    [(demand.rate.0 - writes) * share, writes * share]
}

/// Requests of both kinds (1/s).
pub(super) fn requests(load: Load) -> f64 {
    load[0] + load[1]
}

/// A way through a part. What of its share exceeds the capacity is lost of reads and writes in proportion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lane {
    /// Shares of the reads and of the writes that take this way.
    pub shares: [f64; 2],
    /// Most requests per second.
    pub capacity: f64,
}

impl Lane {
    /// Serves everything.
    pub const ALL: Lane = Lane::of(1.0, f64::INFINITY);
    /// Serves nothing.
    pub const NONE: Lane = Lane::of(0.0, 0.0);

    /// The same share of reads and of writes.
    pub const fn of(share: f64, capacity: f64) -> Lane {
        Lane { shares: [share; 2], capacity }
    }

    /// Reads, writes, both or none of them.
    pub fn that_serves([reads, writes]: [bool; 2]) -> Lane {
        Lane { shares: [f64::from(u8::from(reads)), f64::from(u8::from(writes))], capacity: f64::INFINITY }
    }

    fn served(&self, load: Load) -> Load {
        let asked = [self.shares[0] * load[0], self.shares[1] * load[1]];
        let total = requests(asked);
        if total <= self.capacity { asked } else { asked.map(|class| class * (self.capacity / total)) }
    }
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

    /// What is served of `load`, with its probabilities. Each leaf stands in it once, or has one state.
    pub fn served(&self, load: Load, parts: &[States]) -> Vec<(Chance, Load)> {
        match self {
            Node::Leaf(index) => {
                let through = |lanes: &[Lane]| lanes.iter().fold([0.0; 2], |sum, lane| plus(sum, lane.served(load)));
                merged(parts[*index].iter().map(|(chance, lanes)| (*chance, through(lanes))).collect(), order)
            }
            Node::AllOf(of) => {
                of.iter().fold(vec![(Chance::ONE, load)], |loads, node| then(&loads, |load| node.served(load, parts)))
            }
            Node::AnyOf(of) => {
                let left = of.iter().fold(vec![(Chance::ONE, load)], |lefts, node| {
                    then(&lefts, |left| {
                        let served = node.served(left, parts);
                        served.into_iter().map(|(chance, served)| (chance, less(left, served))).collect()
                    })
                });
                merged(left.into_iter().map(|(chance, left)| (chance, less(load, left))).collect(), order)
            }
            Node::KOf(k, of) => {
                let members: Vec<_> = of.iter().map(|node| node.served(load, parts)).collect();
                kth_best(*k, &members)
            }
        }
    }
}

fn plus(one: Load, other: Load) -> Load {
    [one[0] + other[0], one[1] + other[1]]
}

fn less(one: Load, other: Load) -> Load {
    [one[0] - other[0], one[1] - other[1]]
}

/// By reads, then by writes.
fn order(one: &Load, other: &Load) -> Ordering {
    one[0].total_cmp(&other[0]).then(one[1].total_cmp(&other[1]))
}

/// Each value goes on to several.
fn then(values: &[(Chance, Load)], next: impl Fn(Load) -> Vec<(Chance, Load)>) -> Vec<(Chance, Load)> {
    let mut all = Vec::new();
    for (chance, value) in values {
        all.extend(next(*value).into_iter().map(|(its, value)| (*chance * its, value)));
    }
    merged(all, order)
}

/// Equal values are one, and values ascend.
pub(super) fn merged<V>(mut values: Vec<(Chance, V)>, order: impl Fn(&V, &V) -> Ordering) -> Vec<(Chance, V)> {
    values.sort_by(|a, b| order(&a.1, &b.1));
    let mut result: Vec<(Chance, V)> = Vec::with_capacity(values.len());
    for (chance, value) in values {
        match result.last_mut() {
            _ if chance.is_void() => {}
            Some(last) if order(&last.1, &value).is_eq() => last.0 += chance,
            _ => result.push((chance, value)),
        }
    }
    result
}

/// The k-th best of independent values, of reads and of writes each.
fn kth_best(k: usize, members: &[Vec<(Chance, Load)>]) -> Vec<(Chance, Load)> {
    let mut values: Vec<Load> = members.iter().flatten().map(|(_, value)| *value).collect();
    values.sort_by(order);
    values.dedup();
    if values.windows(2).any(|pair| pair[1][1] < pair[0][1]) {
        return kth_best_of_each(k, members);
    }
    // What is better for reads is never worse for writes: it is v if fewer than k are above v and at least k are not below it.
    let n = members.len();
    let result = values.into_iter().map(|value| {
        // Probabilities of how many are above, and how many equal.
        let mut counts = vec![vec![Chance::ZERO; n + 1]; n + 1];
        counts[0][0] = Chance::ONE;
        for member in members {
            let mut side = [Chance::ZERO; 3];
            for (chance, its) in member {
                let index = match order(its, &value) {
                    Ordering::Less => 0,
                    Ordering::Equal => 1,
                    Ordering::Greater => 2,
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
    merged(result.collect(), order)
}

/// The same where some members are better for reads and others for writes: the best k of each are kept, member by member.
fn kth_best_of_each(k: usize, members: &[Vec<(Chance, Load)>]) -> Vec<(Chance, Load)> {
    let by_rank = |a: &Vec<Load>, b: &Vec<Load>| {
        a.iter().zip(b).map(|(a, b)| order(a, b)).find(|it| it.is_ne()).unwrap_or(a.len().cmp(&b.len()))
    };
    let mut best = vec![(Chance::ONE, vec![[0.0; 2]; k])];
    for member in members {
        let mut next = Vec::new();
        for (chance, ranks) in &best {
            for (its, value) in member {
                let mut ranks = ranks.clone();
                for class in 0..2 {
                    // Each is at most the one before it: what comes in pushes out the last.
                    let mut moves = value[class];
                    for rank in &mut ranks {
                        if moves > rank[class] {
                            std::mem::swap(&mut moves, &mut rank[class]);
                        }
                    }
                }
                next.push((*chance * *its, ranks));
            }
        }
        best = merged(next, by_rank);
    }
    let last = best.into_iter().filter_map(|(chance, ranks)| Some((chance, *ranks.last()?)));
    merged(last.collect(), order)
}

/// Sum of independent values.
pub(super) fn sum(one: &[(Chance, f64)], other: &[(Chance, f64)]) -> Vec<(Chance, f64)> {
    let mut all = Vec::new();
    for (chance, value) in one {
        all.extend(other.iter().map(|(its, more)| (*chance * *its, value + more)));
    }
    merged(all, f64::total_cmp)
}
