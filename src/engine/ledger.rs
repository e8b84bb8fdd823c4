//! The account of one replication: lost time by cause and stage, and incidents with exact edges.
//!
//! Losses are accumulated as lost seconds, never as one minus an availability, so nine nines keep their digits. A cause is a
//! set of failure modes, one bit each.

/// Number of stages a recovery has.
pub const STAGES: usize = 5;

/// Where a recovery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Nothing has noticed.
    Detection = 0,
    /// Somebody or something decides.
    Decision = 1,
    /// Launch, promotion, restore or record change.
    Action = 2,
    /// Clients and connections converge.
    Propagation = 3,
    /// Waiting for the cause itself to go.
    Repair = 4,
}

/// A maximal interval below the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incident {
    /// Index into [`Ledger::causes`].
    pub cause: usize,
    /// When it began (s).
    pub start: f64,
    /// When it ended, or the end of the replication (s).
    pub end: f64,
    /// It had not ended when the replication did.
    pub open: bool,
}

/// Rounding of shares that sum to one must not open an incident at a threshold of 100 %.
const ROUNDING: f64 = 1e-12;

/// The account of one replication.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    since: f64,
    tolerated: f64,
    causes: Vec<u64>,
    lost: Vec<[f64; STAGES]>,
    losing: Vec<(usize, Stage, f64)>,
    /// Seconds of the demand lost by reads and by writes, and what is being lost.
    apart: [f64; 2],
    losing_apart: [f64; 2],
    open: Option<(f64, usize)>,
    incidents: Vec<Incident>,
    down: f64,
}

impl Ledger {
    /// Starts a replication in which a served fraction below `threshold` is an incident.
    pub fn restart(&mut self, threshold: f64) {
        self.discard(0.0);
        self.tolerated = 1.0 - threshold + ROUNDING;
        self.clear();
        self.open = None;
    }

    /// Forgets everything before `now`; what is going on goes on.
    pub fn discard(&mut self, now: f64) {
        self.since = now;
        self.incidents.clear();
        self.down = 0.0;
        self.apart = [0.0; 2];
        let keep = !self.losing.is_empty() || self.open.is_some();
        if keep {
            self.lost.iter_mut().for_each(|stages| *stages = [0.0; STAGES]);
        } else {
            self.causes.clear();
            self.lost.clear();
        }
        if let Some((start, _)) = &mut self.open {
            *start = now;
        }
    }

    /// The instant up to which everything is accounted (s).
    pub fn since(&self) -> f64 {
        self.since
    }

    /// Nothing is being lost at the moment.
    pub fn is_quiet(&self) -> bool {
        self.losing.is_empty()
    }

    /// Index of a set of failure modes.
    pub fn cause(&mut self, modes: u64) -> usize {
        match self.causes.iter().position(|c| *c == modes) {
            Some(index) => index,
            None => {
                self.causes.push(modes);
                self.lost.push([0.0; STAGES]);
                self.causes.len() - 1
            }
        }
    }

    /// Accounts what has been lost at the constant rates set last, up to `now`.
    pub fn settle(&mut self, now: f64) {
        let width = now - self.since;
        for &(cause, stage, fraction) in &self.losing {
            self.lost[cause][stage as usize] += width * fraction;
        }
        self.charge_apart(self.losing_apart.map(|fraction| width * fraction));
        self.since = now;
    }

    /// Accounts `seconds` lost inside a drain.
    pub fn charge(&mut self, cause: usize, stage: Stage, seconds: f64) {
        self.lost[cause][stage as usize] += seconds;
    }

    /// Accounts seconds of the demand lost by reads and by writes inside a drain.
    pub fn charge_apart(&mut self, seconds: [f64; 2]) {
        for (sum, seconds) in self.apart.iter_mut().zip(seconds) {
            *sum += seconds;
        }
    }

    /// Moves on to `now` after a drain was charged piece by piece.
    pub fn skip(&mut self, now: f64) {
        self.since = now;
    }

    /// From `now` on nothing is lost until [`Ledger::lose`] says so. Settle first.
    pub fn clear(&mut self) {
        self.losing.clear();
        self.losing_apart = [0.0; 2];
    }

    /// From now on this fraction of the demand is lost to a cause, at a stage.
    pub fn lose(&mut self, modes: u64, stage: Stage, fraction: f64) {
        if fraction > 0.0 {
            let cause = self.cause(modes);
            self.losing.push((cause, stage, fraction));
        }
    }

    /// From now on these fractions of the demand are lost, reads and writes, besides those said before.
    pub fn lose_apart(&mut self, fractions: [f64; 2]) {
        for (sum, fraction) in self.losing_apart.iter_mut().zip(fractions) {
            *sum += fraction;
        }
    }

    /// Opens or closes an incident by the losses set last.
    pub fn judge(&mut self, now: f64) {
        let lost: f64 = self.losing.iter().map(|(_, _, fraction)| fraction).sum();
        let down = self.is_down(lost);
        if down != self.open.is_some() {
            let mut modes = 0;
            for &(cause, _, _) in &self.losing {
                modes |= self.causes[cause];
            }
            self.edge(now, down, modes);
        }
    }

    /// Whether a lost fraction is an incident.
    pub fn is_down(&self, lost: f64) -> bool {
        lost > self.tolerated
    }

    /// The lost fraction at which an incident begins.
    pub fn tolerated(&self) -> f64 {
        self.tolerated
    }

    /// The service goes down for the given modes, or comes back. Down again at the instant it came back is the same incident.
    pub fn edge(&mut self, now: f64, down: bool, modes: u64) {
        match (down, self.open) {
            (true, None) => match self.incidents.last() {
                Some(last) if last.end == now => {
                    let (start, cause) = (last.start, last.cause);
                    self.down -= now - start;
                    self.incidents.pop();
                    self.open = Some((start, cause));
                }
                _ => self.open = Some((now, self.cause(modes))),
            },
            (false, Some((start, cause))) => {
                self.open = None;
                if now > start {
                    self.down += now - start;
                    self.incidents.push(Incident { cause, start, end: now, open: false });
                }
            }
            _ => {}
        }
    }

    /// Ends the replication: an open incident counts with the length seen.
    pub fn close(&mut self, now: f64) {
        if let Some((start, cause)) = self.open.take()
            && now > start
        {
            self.down += now - start;
            self.incidents.push(Incident { cause, start, end: now, open: true });
        }
    }

    /// Sets of failure modes that lost something or opened an incident.
    pub fn causes(&self) -> &[u64] {
        &self.causes
    }

    /// Lost seconds of each cause by stage.
    pub fn lost(&self) -> &[[f64; STAGES]] {
        &self.lost
    }

    /// Lost seconds of reads and of writes, each as a part of the whole demand.
    pub fn apart(&self) -> [f64; 2] {
        self.apart
    }

    /// Incidents in order of their beginning.
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// Seconds below the threshold.
    pub fn down(&self) -> f64 {
        self.down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.restart(0.99);
        ledger
    }

    fn set(ledger: &mut Ledger, now: f64, losses: &[(u64, f64)]) {
        ledger.settle(now);
        ledger.clear();
        for &(modes, fraction) in losses {
            ledger.lose(modes, Stage::Repair, fraction);
        }
        ledger.judge(now);
    }

    #[test]
    fn a_small_loss_is_lost_time_but_no_incident() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 0.005)]);
        set(&mut ledger, 30.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.lost(), [[0.0, 0.0, 0.0, 0.0, 0.1]]);
        assert!(ledger.incidents().is_empty());
    }

    #[test]
    fn down_again_at_the_same_instant_is_one_incident() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 1.0)]);
        set(&mut ledger, 20.0, &[]);
        set(&mut ledger, 20.0, &[(2, 1.0)]);
        set(&mut ledger, 25.0, &[]);
        assert_eq!(ledger.incidents(), [Incident { cause: 0, start: 10.0, end: 25.0, open: false }]);
        assert_eq!(ledger.down(), 15.0);
    }

    #[test]
    fn an_incident_open_at_the_end_counts_and_is_marked() {
        let mut ledger = ledger();
        set(&mut ledger, 90.0, &[(1, 1.0)]);
        ledger.settle(100.0);
        ledger.close(100.0);
        assert!(ledger.incidents()[0].open);
        assert_eq!(ledger.down(), 10.0);
    }

    #[test]
    fn what_came_before_the_warm_up_ended_is_forgotten() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 1.0)]);
        ledger.settle(50.0);
        ledger.discard(50.0);
        set(&mut ledger, 60.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.lost()[0][4], 10.0);
        assert_eq!(ledger.incidents()[0].start, 50.0);
    }
}
