//! A database in a Markov chain, whatever its kind.

use super::Obstacle;
use super::database::{Copies, Nodes};
use super::equal::{Equal, EqualNodes};
use super::machine::Around;
use super::site::Site;

/// The rules of a database.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a handful of them, made once")]
pub(super) enum Store {
    /// A primary and its copies.
    Copies(Copies),
    /// Equal nodes.
    Equal(Equal),
}

/// Its state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Data {
    /// Of a primary and its copies.
    Copies(Nodes),
    /// Of equal nodes.
    Equal(EqualNodes),
}

impl Store {
    /// The rules of a database of a design.
    ///
    /// # Errors
    /// With what no state can remember.
    pub fn new(site: &Site, index: usize) -> Result<Store, Vec<Obstacle>> {
        match &site.design.databases[index].quorum {
            Some(_) => Equal::new(site, index).map(Store::Equal),
            None => Copies::new(site, index).map(Store::Copies),
        }
    }

    /// Everything up and in sync.
    pub fn start(&self) -> Data {
        match self {
            Store::Copies(it) => Data::Copies(it.start()),
            Store::Equal(it) => Data::Equal(it.start()),
        }
    }

    /// What can happen, with its rates.
    pub fn steps(&self, data: &Data, around: &Around) -> Vec<(f64, Data)> {
        match (self, data) {
            (Store::Copies(it), Data::Copies(nodes)) => of(it.steps(nodes, around), Data::Copies),
            (Store::Equal(it), Data::Equal(nodes)) => of(it.steps(nodes), Data::Equal),
            _ => Vec::new(),
        }
    }

    /// What follows at once, with its chances; none if nothing does.
    pub fn settle(&self, data: &Data, around: &Around) -> Option<Vec<(f64, Data)>> {
        match (self, data) {
            (Store::Copies(it), Data::Copies(nodes)) => Some(of(it.settle(nodes, around)?, Data::Copies)),
            (Store::Equal(it), Data::Equal(nodes)) => Some(of(it.settle(nodes, around)?, Data::Equal)),
            _ => None,
        }
    }

    /// What kills places takes the data of the nodes there.
    pub fn kill(&self, data: &mut Data, around: &Around) {
        match (self, data) {
            (Store::Copies(it), Data::Copies(nodes)) => it.kill(nodes, around),
            (Store::Equal(it), Data::Equal(nodes)) => it.kill(nodes, around),
            _ => {}
        }
    }

    /// Nodes that are alike are put in order.
    pub fn sort(&self, data: &mut Data) {
        if let (Store::Equal(it), Data::Equal(nodes)) = (self, data) {
            it.sort(nodes);
        }
    }

    /// Reads and writes; of a stack in this region, where each region has a copy of its own.
    pub fn serves(&self, data: &Data, region: Option<usize>, around: &Around) -> [bool; 2] {
        match (self, data) {
            (Store::Copies(it), Data::Copies(nodes)) => it.serves(nodes, around),
            (Store::Equal(it), Data::Equal(nodes)) => it.serves(nodes, region, around),
            _ => [false; 2],
        }
    }
}

fn of<T>(found: Vec<(f64, T)>, data: impl Fn(T) -> Data) -> Vec<(f64, Data)> {
    found.into_iter().map(|(weight, it)| (weight, data(it))).collect()
}
