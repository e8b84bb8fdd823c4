//! What blocks in a row add up to, whoever worked off which of them.
//!
//! Sums of floating-point numbers depend on the order of adding. So blocks are added up in one order, that of a binary counter: two sums
//! over 2^k blocks each become one over 2^(k+1) where the first begins at a multiple of that. Any part of a row keeps the few largest sums
//! that lie within it, at most two of a size, and parts that are joined give the same sums, bit for bit, as the whole at once.

use serde::{Deserialize, Serialize};

/// Something that can be added up.
pub trait Add: Clone {
    /// Adds another one, as if it came after this.
    fn add(&mut self, other: &Self);
}

/// Sums over the blocks from `first` on, without a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row<T> {
    first: u64,
    next: u64,
    sums: Vec<Sum<T>>,
}

/// Over 2^`level` blocks, the first of which is a multiple of that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sum<T> {
    level: u32,
    of: T,
}

impl<T> Row<T> {
    /// No block yet; the first will have this number.
    pub const fn new(first: u64) -> Row<T> {
        Row { first, next: first, sums: Vec::new() }
    }

    /// Number of the block that comes next.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The blocks that are in it.
    pub const fn blocks(&self) -> std::ops::Range<u64> {
        self.first..self.next
    }

    /// The sums that it is made of, in the order of their blocks.
    pub fn sums(&self) -> impl Iterator<Item = &T> {
        self.sums.iter().map(|sum| &sum.of)
    }

    /// Whether the sums are those that its blocks must have: what came from a file may not be so.
    pub fn is_sound(&self) -> bool {
        let mut at = self.first;
        let mut open: Vec<(u64, u32)> = Vec::new();
        for sum in &self.sums {
            let Some(end) =
                1u64.checked_shl(sum.level).and_then(|size| at.is_multiple_of(size).then(|| at.checked_add(size))?)
            else {
                return false;
            };
            // Two that should have become one.
            let joins = |(start, level): &(u64, u32)| *level == sum.level && level_of(*start) > *level;
            if open.last().is_some_and(joins) {
                return false;
            }
            open.push((at, sum.level));
            at = end;
        }
        at == self.next
    }
}

/// The largest power of two that divides it, as an exponent.
const fn level_of(block: u64) -> u32 {
    block.trailing_zeros()
}

impl<T: Add> Row<T> {
    /// Adds the next block.
    pub fn push(&mut self, block: T) {
        self.take(Sum { level: 0, of: block });
    }

    /// Adds a row that begins where this one ends.
    ///
    /// # Panics
    /// When it begins elsewhere.
    pub fn append(&mut self, other: Row<T>) {
        assert_eq!(self.next, other.first, "a row goes on where it ended");
        other.sums.into_iter().for_each(|sum| self.take(sum));
    }

    fn take(&mut self, sum: Sum<T>) {
        self.next += 1 << sum.level;
        self.sums.push(sum);
        while let [.., left, right] = self.sums.as_mut_slice()
            && left.level == right.level
            && level_of(self.next - (2 << left.level)) > left.level
        {
            left.of.add(&right.of);
            left.level += 1;
            self.sums.pop();
        }
    }

    /// All blocks together; none without blocks.
    pub fn total(&self) -> Option<T> {
        let mut sums = self.sums();
        let mut total = sums.next()?.clone();
        sums.for_each(|sum| total.add(sum));
        Some(total)
    }

    /// The same, without a second copy in memory.
    pub fn into_total(self) -> Option<T> {
        let mut sums = self.sums.into_iter().map(|sum| sum.of);
        let mut total = sums.next()?;
        sums.for_each(|sum| total.add(&sum));
        Some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keeps the brackets of its additions, so that any other order shows.
    #[derive(Debug, Clone, PartialEq)]
    struct Words(String);

    impl Add for Words {
        fn add(&mut self, other: &Words) {
            self.0 = format!("({}{})", self.0, other.0);
        }
    }

    fn row(blocks: std::ops::Range<u64>) -> Row<Words> {
        let mut row = Row::new(blocks.start);
        blocks.for_each(|block| row.push(Words(format!("{block}."))));
        row
    }

    #[test]
    fn blocks_add_up_as_a_binary_counter_does() {
        assert_eq!(row(0..4).total(), Some(Words("((0.1.)(2.3.))".to_owned())));
        assert_eq!(row(0..7).total(), Some(Words("((((0.1.)(2.3.))(4.5.))6.)".to_owned())));
        assert_eq!(row(3..3).total(), None);
        assert_eq!(row(3..8).sums().count(), 2, "3 and 4 to 7");
    }

    proptest! {
        #[test]
        fn parts_in_any_cut_are_the_whole(cuts in prop::collection::btree_set(0u64..200, 0..12), first in 0u64..100, count in 0u64..200) {
            let end = first + count;
            let cuts = cuts.into_iter().map(|cut| first + cut).filter(|cut| *cut < end);
            let mut joined = Row::new(first);
            let mut start = first;
            for cut in cuts.chain([end]) {
                let part = row(start..cut);
                prop_assert!(part.is_sound());
                joined.append(part);
                start = cut;
            }
            prop_assert_eq!(joined, row(first..end));
        }

        #[test]
        fn few_sums_are_kept(first in 0u64..10_000, count in 0u64..10_000) {
            let mut row: Row<Words> = Row::new(first);
            (0..count).for_each(|_| row.push(Words(String::new())));
            prop_assert!(row.sums().count() as u32 <= 2 * (64 - count.leading_zeros()));
        }
    }

    #[test]
    fn what_is_no_row_is_seen() {
        let sum = |level| Sum { level, of: Words(String::new()) };
        let of =
            |first, next, levels: &[u32]| Row { first, next, sums: levels.iter().map(|level| sum(*level)).collect() };
        assert!(of(3, 8, &[0, 2]).is_sound());
        for wrong in [
            of(3, 9, &[0, 2]),
            of(3, 7, &[2]),
            of(0, 2, &[0, 0]),
            of(0, 1, &[70]),
            of(u64::MAX, 0, &[0]),
            of(0, 8, &[1, 1, 2]),
        ] {
            assert!(!wrong.is_sound(), "{wrong:?}");
        }
    }
}
