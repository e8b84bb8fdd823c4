//! The designs of a space and their prices.

use super::Failure;
use crate::experiment::{Key, Options};
use crate::model::Design;
use crate::scenario::{FileOfScenario, Space};
use crate::simulation::PlanError;
use rayon::prelude::*;

/// The designs of a scenario, and what each costs.
pub struct Priced {
    pub space: Space,
    /// The first of them.
    pub first: Design,
    /// A year of each design.
    pub costs: Vec<f64>,
}

impl Priced {
    /// Makes sure that the designs of a space can be compared, and have prices.
    pub fn new(space: Space) -> Result<Priced, Failure> {
        let first = space.candidates.first().and_then(|it| space.design(it));
        let first = first.ok_or_else(|| Failure::Usage("the space has no design".to_owned()))?;
        let costs = costs(&space, &first.name)?;
        Ok(Priced { space, first, costs })
    }

    /// Makes a design.
    pub fn design(&self, place: usize) -> Result<Design, PlanError> {
        let made = self.space.candidates.get(place).and_then(|candidate| self.space.design(candidate));
        made.ok_or(PlanError::NoStack)
    }

    /// The key of all designs, and of how they are simulated.
    pub fn key(&self, options: &Options) -> Key {
        let key = |place: usize| Key::of(self.design(place).ok().as_slice(), &());
        let keys: Vec<Key> = (0..self.costs.len()).into_par_iter().map(key).collect();
        Key::of_all(&keys, options)
    }

    /// The files that they were read from.
    pub fn files(&self) -> &[FileOfScenario] {
        &self.space.files
    }
}

/// What each design costs.
fn costs(space: &Space, name: &str) -> Result<Vec<f64>, Failure> {
    let costs: Option<Vec<f64>> = space.candidates.iter().map(|it| it.cost_per_year).collect();
    if space.candidates.windows(2).any(|pair| pair[0].time != pair[1].time) {
        return Err(Failure::Usage("designs of one space have one simulation.horizon and one warm_up".to_owned()));
    }
    costs.ok_or_else(|| {
        Failure::Usage(format!(
            "{name}: nothing has a price, so that no design is cheaper than another: add a table [prices] to the scenario; \
             what it does not state has a cited default (ridethrough defaults price)"
        ))
    })
}
