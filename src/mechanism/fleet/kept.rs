//! Things that begin each history alike, and are seldom touched in one.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Things that know whether somebody may have changed them.
#[derive(Debug)]
pub(super) struct Kept<T> {
    now: Vec<T>,
    fresh: Arc<[T]>,
    touched: bool,
}

impl<T: Copy> Kept<T> {
    /// As they are when a history begins.
    pub(super) fn new(fresh: impl Iterator<Item = T>) -> Kept<T> {
        let now: Vec<T> = fresh.collect();
        Kept { fresh: now.as_slice().into(), now, touched: false }
    }

    /// All as they were in the beginning.
    pub(super) fn restart(&mut self) {
        if self.touched {
            self.now.copy_from_slice(&self.fresh);
            self.touched = false;
        }
    }
}

impl<T> Deref for Kept<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.now
    }
}

impl<T> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.touched = true;
        &mut self.now
    }
}

impl<'a, T> IntoIterator for &'a Kept<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.now.iter()
    }
}

impl<T: Copy> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        Kept { now: self.now.clone(), fresh: Arc::clone(&self.fresh), touched: self.touched }
    }

    fn clone_from(&mut self, other: &Kept<T>) {
        self.now.clone_from(&other.now);
        if !Arc::ptr_eq(&self.fresh, &other.fresh) {
            self.fresh = Arc::clone(&other.fresh);
        }
        self.touched = other.touched;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_done_is_undone() {
        let mut kept = Kept::new(0..4);
        kept[2] = 7;
        let mut copy = Kept::new(5..7);
        copy.clone_from(&kept);
        assert_eq!((&*copy, &*kept), (&[0, 1, 7, 3][..], &[0, 1, 7, 3][..]));
        copy.iter_mut().for_each(|it| *it = 0);
        for mut it in [kept, copy.clone(), copy] {
            it.restart();
            assert_eq!(*it, [0, 1, 2, 3]);
        }
    }
}
