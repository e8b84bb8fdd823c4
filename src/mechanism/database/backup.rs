//! Backups, what they are needed for, and what is lost.
//!
//! Restore points lie `spacing` apart with a random phase, and are kept for `retention`. A restore goes back to the newest point that
//! is good: after the loss of the data that of the failure; after a corruption the newest one before the corruption, if it is still kept
//! when the corruption is found. Source of the rule: RDS and DynamoDB guides on point-in-time recovery, June 2023.

use crate::engine::clone_in_place;
use crate::law::{History, Law, Stream};
use crate::model::Decision;

/// Backups, compiled.
#[derive(Debug, Clone)]
pub struct BackupPlan {
    /// Time between restore points (s).
    pub spacing: f64,
    /// How long a restore point is kept (s); infinite for ever.
    pub retention: f64,
    /// From the failure being noticed to the start of the restore.
    pub decision: Decision,
    /// From its start until the database serves.
    pub restore: Law,
}

impl BackupPlan {
    /// The newest restore point that is not after `at` (s), for points of this phase.
    pub fn point(&self, phase: f64, at: f64) -> f64 {
        at - (at - phase).rem_euclid(self.spacing)
    }
}

/// Data that are gone for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DataLoss {
    /// When the node that held them failed, or the corruption was found (s).
    pub at: f64,
    /// Age of the newest write that was recovered (s).
    pub age: f64,
    /// Acknowledged writes lost.
    pub writes: f64,
}

/// Writes that were missing while the only node that had them was away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absence {
    /// When the node went (s).
    pub at: f64,
    /// How long it was away, or until the history ended (s).
    pub length: f64,
    /// Acknowledged writes that were missing.
    pub writes: f64,
    /// Those of them that another write had overtaken when they came back.
    pub conflicts: f64,
}

/// What a database lost.
#[derive(Debug, Default)]
pub struct Losses {
    /// Data that are gone, and how old what was recovered is.
    pub gone: Vec<DataLoss>,
    /// Data that came back.
    pub absent: Vec<Absence>,
    /// When all data were found to be lost with nothing to restore them from (s).
    pub unrecoverable: Vec<f64>,
}

clone_in_place!(Losses { gone, absent, unrecoverable });

impl Losses {
    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.gone.clear();
        self.absent.clear();
        self.unrecoverable.clear();
    }

    /// Nothing was lost, nor missing for a time.
    pub fn are_none(&self) -> bool {
        self.count() == 0
    }

    /// How many there are, of any kind.
    pub fn count(&self) -> usize {
        self.gone.len() + self.absent.len() + self.unrecoverable.len()
    }
}

/// Whether the data are sound, and what is known of it. One corruption at a time: while one is on, another changes nothing.
#[derive(Debug, Clone)]
pub struct Corruption {
    /// When they were corrupted (s).
    since: Option<f64>,
    /// When that was found (s).
    found: Option<f64>,
    /// The mode behind it.
    bit: u64,
    stamp: u32,
    cleaned: bool,
    stream: Stream,
}

impl Corruption {
    /// Sound data.
    pub fn new() -> Corruption {
        Corruption { since: None, found: None, bit: 0, stamp: 0, cleaned: false, stream: Stream::new(0, 0, 0) }
    }

    /// Sound data, at the beginning of a history.
    pub fn restart(&mut self, history: &History, key: u64) {
        *self = Corruption { stream: history.stream(key), ..Corruption::new() };
    }

    /// A mode corrupts the data: how long until that is found, unless they are corrupt already.
    pub fn begin(&mut self, bit: u64, laws: &[(u64, Law)], now: f64) -> Option<f64> {
        if self.since.is_some() {
            return None;
        }
        let (_, law) = laws.iter().find(|(mode, _)| *mode == bit)?;
        (self.since, self.bit) = (Some(now), bit);
        self.stamp += 1;
        Some(law.sample(&mut self.stream))
    }

    /// It is found: the mode behind it.
    pub fn find(&mut self, now: f64) -> u64 {
        self.found = Some(now);
        self.bit
    }

    /// It is known that the data are corrupt.
    pub fn is_found(&self) -> bool {
        self.found.is_some()
    }

    /// The data are corrupt, known or not.
    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.stream);
    }

    /// Stamp of the event that finds it.
    pub fn stamp(&self) -> u32 {
        self.stamp
    }

    /// Of these two instants, the newest restore point must not be after the first, and is needed at the second (s): of a corruption that was
    /// found or, if there is none, of a failure.
    pub fn limits(&self, failed_at: f64) -> (f64, f64) {
        self.since.zip(self.found).unwrap_or((failed_at, failed_at))
    }

    /// The data are those of this instant now (s).
    pub fn restored_to(&mut self, point: f64) {
        // A corruption that nobody has found is restored with the data if the point is from after it.
        if self.since.is_some_and(|since| self.found.is_some() || point <= since) {
            (self.since, self.found, self.bit) = (None, None, 0);
            self.stamp += 1;
            self.cleaned = true;
        }
    }

    /// Whether the data were cleaned, told once.
    pub fn take_cleaned(&mut self) -> bool {
        std::mem::take(&mut self.cleaned)
    }
}

impl Default for Corruption {
    fn default() -> Corruption {
        Corruption::new()
    }
}

impl Losses {
    /// The data are restored to the newest good point: what is lost by that.
    ///
    /// Where no good point is left the data are gone, and what is restored begins with nothing.
    pub fn restore(
        &mut self,
        backup: &BackupPlan,
        phase: f64,
        failed_at: f64,
        corruption: &mut Corruption,
        writes: f64,
    ) {
        let (good, needed) = corruption.limits(failed_at);
        let point = backup.point(phase, good);
        let age = needed - point;
        if age <= backup.retention {
            self.gone.push(DataLoss { at: needed, age, writes: age * writes });
        } else {
            self.unrecoverable.push(needed);
        }
        corruption.restored_to(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(spacing: f64, retention: f64) -> BackupPlan {
        BackupPlan { spacing, retention, decision: Law::Fixed(0.0).into(), restore: Law::Fixed(0.0) }
    }

    #[test]
    fn a_restore_goes_back_to_the_point_before_the_failure() {
        let (mut losses, mut corruption) = (Losses::default(), Corruption::new());
        losses.restore(&backup(100.0, f64::INFINITY), 30.0, 250.0, &mut corruption, 2.0);
        assert_eq!(losses.gone, [DataLoss { at: 250.0, age: 20.0, writes: 40.0 }]);
        assert!(!corruption.take_cleaned());
    }

    #[test]
    fn a_corruption_needs_a_point_from_before_it_that_is_still_kept() {
        let laws = [(1, Law::Fixed(500.0))];
        for (retention, kept) in [(520.0, true), (519.0, false)] {
            let (mut losses, mut corruption) = (Losses::default(), Corruption::new());
            assert_eq!(corruption.begin(1, &laws, 250.0), Some(500.0));
            assert_eq!(corruption.begin(1, &laws, 300.0), None);
            assert_eq!(corruption.find(750.0), 1);
            losses.restore(&backup(100.0, retention), 30.0, 0.0, &mut corruption, 1.0);
            assert_eq!(losses.gone.first().map(|loss| loss.age), kept.then_some(520.0));
            assert_eq!(losses.unrecoverable.is_empty(), kept);
            assert!(corruption.take_cleaned() && !corruption.is_found());
        }
    }

    #[test]
    fn a_hidden_corruption_is_restored_with_the_data_from_after_it() {
        let laws = [(1, Law::Fixed(500.0))];
        let (mut losses, mut corruption) = (Losses::default(), Corruption::new());
        corruption.begin(1, &laws, 220.0);
        losses.restore(&backup(100.0, 1e9), 30.0, 250.0, &mut corruption, 1.0);
        assert!(!corruption.take_cleaned(), "the point at 230 s holds it");
        losses.restore(&backup(1000.0, 1e9), 30.0, 250.0, &mut corruption, 1.0);
        assert!(corruption.take_cleaned(), "the point at 30 s does not");
    }
}
