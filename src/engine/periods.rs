//! Amounts by period (months, say): an amount that is spread over a stretch of time is split at the borders it crosses.

/// Amounts in consecutive periods of one length.
#[derive(Debug, Default)]
pub struct Periods {
    amounts: Vec<f64>,
    length: f64,
    current: usize,
    /// Where the current period ends (s); the last one has no end.
    border: f64,
    origin: f64,
    /// Something was added, if only nothing.
    touched: bool,
}

clone_in_place!(Periods { amounts, length, current, border, origin, touched });

impl Periods {
    /// Starts with nothing in `count` periods (at least one) of `length` (s) from `origin` on.
    pub fn restart(&mut self, origin: f64, length: f64, count: usize) {
        let count = count.max(1);
        if !self.touched && (self.origin, self.length, self.amounts.len()) == (origin, length, count) {
            return;
        }
        self.touched = false;
        self.amounts.clear();
        self.amounts.resize(count, 0.0);
        self.length = length;
        self.origin = origin;
        self.enter(0);
    }

    fn enter(&mut self, period: usize) {
        self.current = period;
        let last = period + 1 == self.amounts.len();
        self.border = if last { f64::INFINITY } else { self.origin + (period + 1) as f64 * self.length };
    }

    /// Adds `rate` per second from `from` to `to`. Times never go back.
    pub fn spread(&mut self, mut from: f64, to: f64, rate: f64) {
        self.touched = true;
        while self.border < to {
            if self.border > from {
                self.amounts[self.current] += (self.border - from) * rate;
                from = self.border;
            }
            self.enter(self.current + 1);
        }
        self.amounts[self.current] += (to - from) * rate;
    }

    /// Adds an amount at a time. Times never go back.
    pub fn add(&mut self, time: f64, amount: f64) {
        self.spread(time, time, 0.0);
        self.amounts[self.current] += amount;
    }

    /// Calls `border` for each end of a period between `from` and `to`. Times never go back.
    pub fn borders(&self, from: f64, to: f64, mut border: impl FnMut(f64)) {
        let mut period = self.current;
        while period + 1 < self.amounts.len() {
            period += 1;
            let end = self.origin + period as f64 * self.length;
            if end >= to {
                break;
            }
            if end > from {
                border(end);
            }
        }
    }

    /// What each period holds.
    pub fn amounts(&self) -> &[f64] {
        &self.amounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_split_at_borders_and_the_last_period_has_no_end() {
        let mut periods = Periods::default();
        periods.restart(100.0, 10.0, 4);
        periods.spread(105.0, 125.0, 2.0);
        periods.spread(139.0, 150.0, 1.0);
        assert_eq!(periods.amounts(), [10.0, 20.0, 10.0, 11.0]);
    }

    #[test]
    fn an_amount_at_a_border_belongs_to_the_earlier_period() {
        let mut periods = Periods::default();
        periods.restart(0.0, 10.0, 3);
        periods.add(10.0, 1.0);
        periods.add(10.5, 2.0);
        assert_eq!(periods.amounts(), [1.0, 2.0, 0.0]);
    }

    #[test]
    fn borders_strictly_between_two_times() {
        let mut periods = Periods::default();
        periods.restart(0.0, 10.0, 5);
        let mut seen = Vec::new();
        periods.borders(10.0, 40.0, |border| seen.push(border));
        assert_eq!(seen, [20.0, 30.0]);
    }
}
