//! A week of hours in which something differs: a step function that repeats for ever, with exact integrals.

/// Length of a week (s).
pub const WEEK: f64 = 604_800.0;

/// A stretch of the week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// When it begins, since the beginning of the week (s).
    pub start: f64,
    /// Multiple of the usual demand in it.
    pub demand: f64,
    /// What is lost in it counts towards the objective.
    pub judged: bool,
}

/// A week of steps: the first begins at 0, each ends where the next begins. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    steps: Vec<Step>,
}

impl Week {
    /// A week in which nothing differs.
    pub fn flat() -> Week {
        Week { steps: vec![Step { start: 0.0, demand: 1.0, judged: true }] }
    }

    /// A week of the values that `at` has between `borders` (s, within the week); equal neighbours become one step.
    pub fn new(mut borders: Vec<f64>, at: impl Fn(f64) -> (f64, bool)) -> Week {
        borders.push(0.0);
        borders.retain(|border| (0.0..WEEK).contains(border));
        borders.sort_by(f64::total_cmp);
        borders.dedup();
        let mut steps: Vec<Step> = Vec::with_capacity(borders.len());
        for start in borders {
            let (demand, judged) = at(start);
            if steps.last().is_none_or(|last| (last.demand, last.judged) != (demand, judged)) {
                steps.push(Step { start, demand, judged });
            }
        }
        Week { steps }
    }

    /// Nothing ever differs from the usual.
    pub fn is_flat(&self) -> bool {
        self.steps.len() == 1 && self.steps[0].demand == 1.0 && self.steps[0].judged
    }

    /// The steps, in their order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// When step `number` begins, counted through all weeks from 0 (s).
    pub fn start(&self, number: u32) -> f64 {
        let steps = self.steps.len() as u32;
        f64::from(number / steps) * WEEK + self.steps[(number % steps) as usize].start
    }

    /// The integral of the demand, and of the demand that is judged, from time 0 to `time` (s of usual demand).
    fn until(&self, time: f64) -> (f64, f64) {
        let weeks = (time / WEEK).floor();
        let rest = time - weeks * WEEK;
        let (mut all, mut judged) = (0.0, 0.0);
        for (index, step) in self.steps.iter().enumerate() {
            let end = self.steps.get(index + 1).map_or(WEEK, |next| next.start);
            let width = weeks * (end - step.start) + (rest.min(end) - step.start).max(0.0);
            all += width * step.demand;
            judged += if step.judged { width * step.demand } else { 0.0 };
        }
        (all, judged)
    }

    /// The integral of the demand, and of the demand that is judged, between two times (s of usual demand).
    pub fn between(&self, from: f64, to: f64) -> (f64, f64) {
        if self.is_flat() {
            return (to - from, to - from);
        }
        let ((all_from, judged_from), (all_to, judged_to)) = (self.until(from), self.until(to));
        (all_to - all_from, judged_to - judged_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400.0;

    /// Threefold on the first day, nothing judged from the third day on.
    fn week() -> Week {
        Week::new(vec![2.0 * DAY, DAY, 5.0 * DAY], |t| (if t < DAY { 3.0 } else { 1.0 }, t < 2.0 * DAY))
    }

    #[test]
    fn equal_neighbours_are_one_step() {
        assert_eq!(week().steps().len(), 3);
        assert!(Week::new(vec![DAY], |_| (1.0, true)).is_flat());
        assert!(!Week::new(vec![DAY], |_| (2.0, true)).is_flat());
    }

    #[test]
    fn steps_go_on_through_the_weeks() {
        let week = week();
        assert_eq!([0, 1, 2, 3, 4].map(|n| week.start(n)), [0.0, DAY, 2.0 * DAY, WEEK, WEEK + DAY]);
    }

    /// A week has 3 + 6 days of demand, of which 3 + 1 are judged.
    #[test]
    fn integrals_by_hand() {
        let week = week();
        assert_eq!(week.between(0.0, WEEK), (9.0 * DAY, 4.0 * DAY));
        assert_eq!(week.between(0.5 * DAY, 1.5 * DAY), (2.0 * DAY, 2.0 * DAY));
        assert_eq!(week.between(6.0 * DAY, 3.0 * WEEK + 3.0 * DAY), (24.0 * DAY, 12.0 * DAY));
        assert_eq!(Week::flat().between(0.1, 0.4), (0.4 - 0.1, 0.4 - 0.1));
    }
}
