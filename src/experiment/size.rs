//! A search for the largest or smallest value of a key that meets what is asked, by bisection of a grid, and a look whether that was justified.
//!
//! Every value is judged under the same random numbers, so that what differs between two of them is the key and not the luck. A value whose
//! verdict is open does not stop the search: it goes on to both sides, for the last value that surely meets and the first that surely misses.
//!
//! On a grid of n values both ends are looked at. A bisection between two values that are at most n - 1 steps apart halves the steps, rounding up,
//! until one is left: it looks at ceil(log2(n - 1)) values at most. There are two at most, for either edge of what is open. [`CHECKS`] values more
//! show whether there is one limit at all. So a search looks at 2 + 2 ceil(log2(n - 1)) + [`CHECKS`] values at most, and never at more than n.
//!
//! Which values these are depends on what was seen. For all verdicts to be right together with a promised probability, the level is therefore
//! spread (Bonferroni) over all n values of the grid and not over those that a search can look at: the bound by the length of a path would hold if the path
//! were fixed by right verdicts alone, but it also depends on which stay open. The difference is small, as an interval widens with the logarithm of
//! the number only: from 17 to 36 values, with 95 % in all, by 7 %.

use crate::study::{End, Judgement, Search};
use std::collections::BTreeMap;

/// Values between the ends that are looked at after the search, evenly spread over the grid.
pub const CHECKS: usize = 5;
/// Most replications for a value, unless somebody says how many.
pub const MOST_PER_VALUE: u64 = 32_768;

/// The most values of a grid of `count` that a search looks at.
#[must_use]
pub const fn most_looked_at(count: usize) -> usize {
    let steps = count.saturating_sub(1);
    let halvings = if steps <= 1 { 0 } else { (usize::BITS - (steps - 1).leading_zeros()) as usize };
    let most = 2 + 2 * halvings + CHECKS;
    if most < count { most } else { count }
}

/// Looks for a value. `judge` tells the verdict on a value by its place in an ascending grid of `count`, at least one, and none when it was told
/// to stop.
///
/// # Errors
/// Those of `judge`.
pub fn size<E>(
    end: End,
    count: usize,
    judge: &mut dyn FnMut(usize) -> Result<Option<Judgement>, E>,
) -> Result<Search, E> {
    let last = count.saturating_sub(1);
    let mut looks = Looks { end, last, verdicts: BTreeMap::new(), judge };
    let finished = looks.search()?.is_some();
    Ok(Search::conclude(end, count, looks.verdicts, !finished))
}

/// Verdicts so far. Steps are counted from the end where what is asked is expected to be met.
struct Looks<'a, E> {
    end: End,
    last: usize,
    verdicts: BTreeMap<usize, Judgement>,
    judge: &'a mut dyn FnMut(usize) -> Result<Option<Judgement>, E>,
}

impl<E> Looks<'_, E> {
    fn at(&mut self, step: usize) -> Result<Option<Judgement>, E> {
        let place = match self.end {
            End::Largest => step,
            End::Smallest => self.last - step,
        };
        if let Some(verdict) = self.verdicts.get(&place) {
            return Ok(Some(*verdict));
        }
        let verdict = (self.judge)(place)?;
        if let Some(verdict) = verdict {
            self.verdicts.insert(place, verdict);
        }
        Ok(verdict)
    }

    /// None when it was told to stop.
    fn search(&mut self) -> Result<Option<()>, E> {
        let (Some(near), Some(far)) = (self.at(0)?, self.at(self.last)?) else { return Ok(None) };
        if near != Judgement::Missed && far != Judgement::Met {
            let mut not_met = 0;
            if near == Judgement::Met {
                let Some((_, edge)) = self.edge(0, self.last, |it| it == Judgement::Met)? else { return Ok(None) };
                not_met = edge;
            }
            if far == Judgement::Missed && self.at(not_met)? != Some(Judgement::Missed) {
                let edge = self.edge(not_met, self.last, |it| it != Judgement::Missed)?;
                if edge.is_none() {
                    return Ok(None);
                }
            }
        }
        for check in 1..=CHECKS {
            if self.at(check * self.last / (CHECKS + 1))?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Two neighbours between `inside`, of which `is_inside` holds, and `outside`, of which it does not: the last of one kind and the first of the other.
    fn edge(
        &mut self,
        mut inside: usize,
        mut outside: usize,
        is_inside: fn(Judgement) -> bool,
    ) -> Result<Option<(usize, usize)>, E> {
        while outside - inside > 1 {
            let middle = inside + (outside - inside) / 2;
            match self.at(middle)? {
                None => return Ok(None),
                Some(verdict) if is_inside(verdict) => inside = middle,
                Some(_) => outside = middle,
            }
        }
        Ok(Some((inside, outside)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Found;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn searched(end: End, verdicts: &[Judgement]) -> Search {
        let mut judge = |place: usize| Ok::<_, Infallible>(Some(verdicts[place]));
        match size(end, verdicts.len(), &mut judge) {
            Ok(search) => search,
            Err(never) => match never {},
        }
    }

    /// `met` values, `open` ones, and then those that miss.
    fn stairs(met: usize, open: usize, missed: usize) -> Vec<Judgement> {
        [vec![Judgement::Met; met], vec![Judgement::Inconclusive; open], vec![Judgement::Missed; missed]].concat()
    }

    proptest! {
        /// Whatever the limit, both edges of what is open are found, from either end, with no more looks than are accounted for.
        #[test]
        fn both_edges_are_found(met in 1_usize..200, open in 0_usize..20, missed in 1_usize..200) {
            let mut verdicts = stairs(met, open, missed);
            let count = verdicts.len();
            let search = searched(End::Largest, &verdicts);
            prop_assert_eq!((search.found, search.best, search.beyond), (Found::Answer, Some(met - 1), Some(met + open)));
            prop_assert!(search.verdicts.len() <= most_looked_at(count), "{} of {}", search.verdicts.len(), count);
            verdicts.reverse();
            let search = searched(End::Smallest, &verdicts);
            prop_assert_eq!((search.best, search.beyond), (Some(count - met), Some(count - met - open - 1)));
        }

        /// No verdicts, however contradictory, take more looks, and a value that is called the answer was met.
        #[test]
        fn looks_are_bounded(verdicts in prop::collection::vec(
            prop::sample::select(vec![Judgement::Met, Judgement::Missed, Judgement::Inconclusive]), 1..300,
        )) {
            for end in [End::Largest, End::Smallest] {
                let search = searched(end, &verdicts);
                prop_assert!(search.verdicts.len() <= most_looked_at(verdicts.len()));
                if matches!(search.found, Found::Answer | Found::All | Found::Reversed) {
                    prop_assert_eq!(search.best.map(|best| verdicts[best]), Some(Judgement::Met));
                }
            }
        }
    }

    #[test]
    fn ends_are_told_apart() {
        for (verdicts, found) in [
            (stairs(9, 0, 0), Found::All),
            (stairs(0, 0, 9), Found::Nothing),
            (stairs(0, 9, 0), Found::Open),
            (stairs(0, 3, 6), Found::Open),
            (stairs(5, 4, 0), Found::Answer),
            (stairs(1, 0, 0), Found::All),
        ] {
            assert_eq!(searched(End::Largest, &verdicts).found, found, "{verdicts:?}");
        }
        // Met from some value up, where the largest is asked for: that is the end of the range.
        let mut verdicts = stairs(5, 0, 5);
        verdicts.reverse();
        let search = searched(End::Largest, &verdicts);
        assert_eq!((search.found, search.best), (Found::Reversed, Some(9)));
    }

    /// What meets in the middle only, or at both ends only, has no one limit.
    #[test]
    fn two_limits_are_seen() {
        let hill = [stairs(0, 0, 10), stairs(10, 0, 10)].concat();
        let search = searched(End::Largest, &hill);
        assert_eq!(search.found, Found::NotMonotone);
        let (missed, met) = search.contradiction.expect("two values");
        assert!(missed < met && hill[missed] == Judgement::Missed && hill[met] == Judgement::Met);
        let valley = [stairs(10, 0, 10), stairs(10, 0, 0)].concat();
        assert_eq!(searched(End::Largest, &valley).found, Found::NotMonotone);
        assert_eq!(searched(End::Smallest, &valley).found, Found::NotMonotone);
    }

    /// What binds is seen at the first value beyond the answer, or where the range is best.
    #[test]
    fn what_binds_is_seen_next_to_the_answer() {
        assert_eq!(searched(End::Largest, &stairs(3, 2, 3)).binding(), Some(3));
        assert_eq!(searched(End::Largest, &stairs(3, 0, 3)).binding(), Some(3));
        assert_eq!(searched(End::Largest, &stairs(0, 0, 4)).binding(), Some(0));
        assert_eq!(searched(End::Smallest, &stairs(0, 0, 4)).binding(), Some(3));
        assert_eq!(searched(End::Largest, &stairs(4, 0, 0)).binding(), None);
    }
}
