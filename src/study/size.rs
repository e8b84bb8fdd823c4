//! What a search for a value found: how far a key may go before what is asked is missed.

use super::Judgement;
use serde::Serialize;
use std::collections::BTreeMap;

/// The end of a range from which a value is wanted that meets what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// As large as may be: what is asked is expected to be met at the small end.
    Largest,
    /// As small as may be: it is expected to be met at the large end.
    Smallest,
}

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// There is a value that meets what is asked, and all that was looked at agrees with one limit.
    Answer,
    /// The last value of the range meets it: the limit, if there is one, lies beyond.
    All,
    /// The last value of the range meets it and the first one misses it: the limit lies at the other side of what meets.
    Reversed,
    /// No value meets it.
    Nothing,
    /// No value is known to meet it, nor that none does.
    Open,
    /// One limit does not explain what was found.
    NotMonotone,
}

/// Verdicts on some values of a grid, and what follows from them. Values are given by their place in the grid, which ascends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What was looked for.
    pub end: End,
    /// How it ended.
    pub found: Found,
    /// Every value that was looked at.
    pub verdicts: BTreeMap<usize, Judgement>,
    /// The value nearest to the wanted end that surely meets what is asked. With [`Found::Answer`] the answer.
    pub best: Option<usize>,
    /// With [`Found::Answer`] and [`Found::Open`], the nearest value beyond that surely misses it; none where no value does.
    pub beyond: Option<usize>,
    /// Values that contradict one limit: the first surely misses, the second, which is further, surely meets.
    pub contradiction: Option<(usize, usize)>,
    /// It was told to stop.
    pub interrupted: bool,
}

impl Search {
    /// Draws the conclusion from verdicts on a grid of `count` values.
    ///
    /// All verdicts are taken to be right, except those that are open.
    #[must_use]
    pub fn conclude(end: End, count: usize, verdicts: BTreeMap<usize, Judgement>, interrupted: bool) -> Search {
        // From the end where it is expected to be met to the other one.
        let mut way: Vec<(usize, Judgement)> = verdicts.iter().map(|(place, verdict)| (*place, *verdict)).collect();
        let mut ends = (0, count.saturating_sub(1));
        if end == End::Smallest {
            way.reverse();
            ends = (ends.1, ends.0);
        }
        let is = |verdict: Judgement| move |it: &(usize, Judgement)| it.1 == verdict;
        let last_met = way.iter().rposition(is(Judgement::Met));
        let first_missed = way.iter().position(is(Judgement::Missed));
        let last_missed = way.iter().rposition(is(Judgement::Missed));
        let first_met = way.iter().position(is(Judgement::Met));
        let place = |at: usize| way[at].0;
        let at_the_far_end = last_met.is_some_and(|met| place(met) == ends.1);
        let near_misses = verdicts.get(&ends.0) == Some(&Judgement::Missed);
        let mut contradiction = None;
        let found = match (last_met, first_missed) {
            (Some(met), Some(missed)) if missed < met => {
                let one_limit = first_met > last_missed && at_the_far_end && near_misses;
                if one_limit {
                    Found::Reversed
                } else {
                    contradiction = Some((place(missed), place(met)));
                    Found::NotMonotone
                }
            }
            (Some(_), None) if at_the_far_end => Found::All,
            (Some(_), _) => Found::Answer,
            (None, Some(_)) if !interrupted && last_missed.is_some() && way.iter().all(is(Judgement::Missed)) => {
                Found::Nothing
            }
            (None, _) => Found::Open,
        };
        let beyond = match found {
            Found::Answer | Found::Open => {
                way.iter().skip(last_met.map_or(0, |met| met + 1)).find(|it| is(Judgement::Missed)(it)).map(|it| it.0)
            }
            _ => None,
        };
        Search { end, found, verdicts, best: last_met.map(place), beyond, contradiction, interrupted }
    }

    /// Values looked at between the answer and what surely misses, which cannot be told.
    #[must_use]
    pub fn open(&self) -> Vec<usize> {
        (self.verdicts.iter())
            .filter(|(_, verdict)| **verdict == Judgement::Inconclusive)
            .map(|(place, _)| *place)
            .collect()
    }

    /// The value, among those looked at, at which to see what stands against a better answer: the first one beyond the best that is not met, or, where
    /// nothing meets, the one where it is expected to be met soonest.
    #[must_use]
    pub fn binding(&self) -> Option<usize> {
        let not_met = |place: &usize| self.verdicts.get(place) != Some(&Judgement::Met);
        let mut places: Vec<usize> = self.verdicts.keys().copied().collect();
        if self.end == End::Smallest {
            places.reverse();
        }
        match (self.found, self.best) {
            (Found::Answer, Some(best)) => places.into_iter().skip_while(|place| *place != best).skip(1).find(not_met),
            (Found::Nothing | Found::Open, _) => places.into_iter().find(not_met),
            _ => None,
        }
    }
}
