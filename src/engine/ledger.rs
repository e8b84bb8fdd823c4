//! The account of one replication: lost time by cause and stage, and incidents with exact edges.
//!
//! Losses are accumulated as lost seconds, never as one minus an availability, so nine nines keep their digits. A cause is a
//! set of failure modes, one bit each.
//!
//! Time that is excluded is cut out: what is lost in it is kept apart, and incidents are those of the history without it. So an
//! incident that lies wholly in it has no length and is none, and one that reaches into it has the length outside.

use super::periods::Periods;

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

/// A maximal interval below the threshold, on a clock that stands still while time is excluded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incident {
    /// Index into [`Ledger::causes`].
    pub cause: usize,
    /// When it began (s).
    pub start: f64,
    /// When it ended, or the end of the replication (s).
    pub end: f64,
    /// What was lost in it, as far as it counts towards the objective (s of usual demand).
    pub judged: f64,
    /// It had not ended when the replication did.
    pub open: bool,
}

/// Rounding of shares that sum to one must not open an incident at a threshold of 100 %.
const ROUNDING: f64 = 1e-12;

/// What counts, in a replication.
#[derive(Debug, Clone)]
pub struct Terms {
    /// A served fraction below this is an incident.
    pub threshold: f64,
    /// When the history begins to count (s).
    pub origin: f64,
    /// Length of the periods that are judged (s).
    pub period: f64,
    /// How many there are; the last one has no end.
    pub periods: usize,
    /// Sets of so many failure modes at most are told apart; larger ones are all [`MANY`].
    pub together: u32,
}

/// More failure modes at once than are told apart.
pub const MANY: u64 = u64::MAX;

/// Time that was excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Excluded {
    /// Its length (s).
    pub time: f64,
    /// Demand in it (s of usual demand).
    pub demand: f64,
    /// What was lost in it (s of usual demand).
    pub lost: f64,
}

/// An incident that has not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: f64,
    cause: usize,
    judged: f64,
}

/// The account of one replication.
#[derive(Debug, Default)]
pub struct Ledger {
    since: f64,
    /// Multiple of the usual demand.
    demand: f64,
    /// The part of it that counts towards the objective: all or nothing.
    judged: f64,
    /// Reasons to exclude the time at the moment.
    exclusions: u32,
    /// What the clock of incidents shows, while it stands.
    stopped_at: f64,
    /// How far it is behind, while it runs (s).
    behind: f64,
    /// When it ran again the last time (s).
    resumed: f64,
    excluded: Excluded,
    /// Lost and judged, by period.
    periods: Periods,
    /// Demand that would be judged were it not excluded, by period.
    exempt: Periods,
    tolerated: f64,
    together: u32,
    causes: Vec<u64>,
    lost: Vec<[f64; STAGES]>,
    losing: Vec<(usize, Stage, f64)>,
    /// Seconds of the demand lost by reads and by writes, and what is being lost.
    apart: [f64; 2],
    losing_apart: [f64; 2],
    open: Option<Open>,
    incidents: Vec<Incident>,
    down: f64,
}

clone_in_place!(Ledger {
    since,
    demand,
    judged,
    exclusions,
    stopped_at,
    behind,
    resumed,
    excluded,
    periods,
    exempt,
    tolerated,
    together,
    causes,
    lost,
    losing,
    apart,
    losing_apart,
    open,
    incidents,
    down
});

impl Ledger {
    /// Starts a replication.
    pub fn restart(&mut self, terms: &Terms) {
        (self.demand, self.judged, self.exclusions) = (1.0, 1.0, 0);
        self.tolerated = 1.0 - terms.threshold + ROUNDING;
        self.together = terms.together;
        self.clear();
        self.open = None;
        self.discard(0.0, terms);
    }

    /// Forgets everything before `now`; what is going on goes on.
    pub fn discard(&mut self, now: f64, terms: &Terms) {
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
        if let Some(open) = &mut self.open {
            (open.start, open.judged) = (now, 0.0);
        }
        (self.behind, self.stopped_at, self.resumed) = (0.0, now, now);
        self.excluded = Excluded::default();
        self.periods.restart(terms.origin, terms.period, terms.periods);
        self.exempt.restart(terms.origin, terms.period, terms.periods);
    }

    /// From the present on the demand is this multiple of the usual one, and counts towards the objective or not. Settle first.
    pub fn weigh(&mut self, demand: f64, judged: bool) {
        self.demand = demand;
        self.judged = if judged { demand } else { 0.0 };
    }

    /// Time is excluded from now on. May be said several times. Settle first.
    pub fn exclude(&mut self, now: f64) {
        if self.exclusions == 0 {
            self.stopped_at = self.clock(now);
        }
        self.exclusions += 1;
    }

    /// One reason to exclude time is over. Settle first.
    pub fn include(&mut self, now: f64) {
        self.exclusions -= 1;
        if self.exclusions == 0 {
            (self.behind, self.resumed) = (now - self.stopped_at, now);
        }
    }

    /// What the clock of incidents shows. It is read from where it stood, so that no rounding makes an incident of excluded time.
    fn clock(&self, now: f64) -> f64 {
        if self.exclusions > 0 || now == self.resumed { self.stopped_at } else { now - self.behind }
    }

    /// How far the clock of incidents is behind (s); none while it stands.
    pub fn behind(&self) -> Option<f64> {
        (self.exclusions == 0).then_some(self.behind)
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
        let modes = if modes.count_ones() > self.together { MANY } else { modes };
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
        if self.exclusions > 0 {
            let fraction: f64 = self.losing.iter().map(|(_, _, fraction)| fraction).sum();
            self.excluded.lost += width * self.demand * fraction;
            return self.skip(now);
        }
        if !self.losing.is_empty() {
            let mut total = 0.0;
            for &(cause, stage, fraction) in &self.losing {
                self.lost[cause][stage as usize] += width * self.demand * fraction;
                total += fraction;
            }
            self.periods.spread(self.since, now, total * self.judged);
            if let Some(open) = &mut self.open {
                open.judged += width * total * self.judged;
            }
        }
        self.charge_apart(self.losing_apart.map(|fraction| width * fraction));
        self.since = now;
    }

    /// Accounts `seconds` of the present demand lost to a cause inside a drain.
    pub fn charge(&mut self, cause: usize, stage: Stage, seconds: f64) {
        match self.exclusions {
            0 => self.lost[cause][stage as usize] += seconds * self.demand,
            _ => self.excluded.lost += seconds * self.demand,
        }
    }

    /// Judges `seconds` of the present demand lost inside a drain, in one period at `time`, with an incident open throughout or not at all.
    pub fn charge_period(&mut self, time: f64, seconds: f64) {
        if self.exclusions == 0 {
            self.periods.add(time, seconds * self.judged);
            if let Some(open) = &mut self.open {
                open.judged += seconds * self.judged;
            }
        }
    }

    /// Ends of periods between the instant up to which everything is accounted, and `to`.
    pub fn period_borders(&self, to: f64, border: impl FnMut(f64)) {
        self.periods.borders(self.since, to, border);
    }

    /// Accounts seconds of the present demand lost by reads and by writes inside a drain.
    pub fn charge_apart(&mut self, seconds: [f64; 2]) {
        if self.exclusions == 0 {
            for (sum, seconds) in self.apart.iter_mut().zip(seconds) {
                *sum += seconds * self.demand;
            }
        }
    }

    /// Moves on to `now` after a drain was charged piece by piece.
    pub fn skip(&mut self, now: f64) {
        if self.exclusions > 0 {
            let width = now - self.since;
            self.excluded.time += width;
            self.excluded.demand += width * self.demand;
            self.exempt.spread(self.since, now, self.judged);
        }
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
        let now = self.clock(now);
        match (down, self.open) {
            (true, None) => match self.incidents.last() {
                Some(&Incident { cause, start, end, judged, .. }) if end == now => {
                    self.down -= now - start;
                    self.incidents.pop();
                    self.open = Some(Open { start, cause, judged });
                }
                _ => self.open = Some(Open { start: now, cause: self.cause(modes), judged: 0.0 }),
            },
            (false, Some(_)) => self.end(now, false),
            _ => {}
        }
    }

    /// Ends the replication: an open incident counts with the length seen.
    pub fn close(&mut self, now: f64) {
        self.end(self.clock(now), true);
    }

    fn end(&mut self, end: f64, open: bool) {
        if let Some(Open { start, cause, judged }) = self.open.take()
            && end > start
        {
            self.down += end - start;
            self.incidents.push(Incident { cause, start, end, judged, open });
        }
    }

    /// Time that was excluded.
    pub fn excluded(&self) -> Excluded {
        self.excluded
    }

    /// What was lost and counts towards the objective, by period (s of usual demand).
    pub fn periods(&self) -> &[f64] {
        self.periods.amounts()
    }

    /// Demand that does not count towards the objective because it was excluded, by period (s of usual demand).
    pub fn exempt(&self) -> &[f64] {
        self.exempt.amounts()
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

    /// Incidents that have begun, the open one included.
    pub fn begun(&self) -> usize {
        self.incidents.len() + usize::from(self.open.is_some())
    }

    /// Incidents that have lasted for some time, the open one included.
    pub fn lasting(&self, now: f64) -> usize {
        let lasts = self.open.is_some_and(|open| self.clock(now) > open.start);
        self.incidents.len() + usize::from(lasts)
    }

    /// An incident is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How long the open incident has lasted (s).
    pub fn open_for(&self, now: f64) -> Option<f64> {
        self.open.map(|open| self.clock(now) - open.start)
    }

    /// Modes behind an incident, by the order in which they began.
    pub fn modes_behind(&self, incident: usize) -> u64 {
        let cause = match self.incidents.get(incident) {
            Some(ended) => Some(ended.cause),
            None => self.open.map(|open| open.cause),
        };
        cause.map_or(0, |cause| self.causes[cause])
    }

    /// Seconds below the threshold up to `now`, those of the open incident included. Settle first.
    pub fn down_until(&self, now: f64) -> f64 {
        self.down + self.open.map_or(0.0, |open| self.clock(now) - open.start)
    }

    /// Seconds below the threshold.
    pub fn down(&self) -> f64 {
        self.down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { threshold: 0.99, origin: 0.0, period: 40.0, periods: 2, together: 2 };

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.restart(&TERMS);
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
    fn more_at_once_than_are_told_apart_are_one_cause() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(0b11, 1.0)]);
        set(&mut ledger, 20.0, &[(0b111, 1.0)]);
        set(&mut ledger, 25.0, &[(0b1110, 1.0)]);
        set(&mut ledger, 40.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.causes(), [0b11, MANY]);
        assert_eq!(ledger.lost().iter().map(|stages| stages[Stage::Repair as usize]).collect::<Vec<_>>(), [10.0, 20.0]);
    }

    #[test]
    fn down_again_at_the_same_instant_is_one_incident() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 1.0)]);
        set(&mut ledger, 20.0, &[]);
        set(&mut ledger, 20.0, &[(2, 1.0)]);
        set(&mut ledger, 25.0, &[]);
        assert_eq!(ledger.incidents(), [Incident { cause: 0, start: 10.0, end: 25.0, judged: 15.0, open: false }]);
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
        ledger.discard(50.0, &TERMS);
        set(&mut ledger, 60.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.lost()[0][4], 10.0);
        assert_eq!(ledger.incidents()[0].start, 50.0);
    }

    /// Down on (10, 60): excluded are (30, 50), so an incident of 30 s remains, of which 20 s fall into the first period of 40 s.
    #[test]
    fn excluded_time_is_cut_out() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 1.0)]);
        ledger.settle(30.0);
        ledger.exclude(30.0);
        ledger.settle(50.0);
        ledger.include(50.0);
        set(&mut ledger, 60.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.lost()[0][4], 30.0);
        assert_eq!(ledger.incidents(), [Incident { cause: 0, start: 10.0, end: 40.0, judged: 30.0, open: false }]);
        assert_eq!(ledger.excluded(), Excluded { time: 20.0, demand: 20.0, lost: 20.0 });
        assert_eq!((ledger.periods(), ledger.exempt()), (&[20.0, 10.0][..], &[10.0, 10.0][..]));
    }

    #[test]
    fn an_incident_in_excluded_time_is_none() {
        let mut ledger = ledger();
        ledger.settle(0.1);
        ledger.exclude(0.1);
        set(&mut ledger, 0.2, &[(1, 1.0)]);
        set(&mut ledger, 0.7, &[]);
        ledger.settle(0.8);
        ledger.include(0.8);
        set(&mut ledger, 0.8, &[]);
        ledger.close(100.0);
        assert!(ledger.incidents().is_empty());
        assert_eq!((ledger.down(), ledger.excluded().lost), (0.0, 0.7 - 0.2));
    }

    /// Twofold demand from 20 s on, which does not count towards the objective from 30 s on.
    #[test]
    fn losses_weigh_as_the_demand_does() {
        let mut ledger = ledger();
        set(&mut ledger, 10.0, &[(1, 0.5)]);
        ledger.settle(20.0);
        ledger.weigh(2.0, true);
        ledger.settle(30.0);
        ledger.weigh(2.0, false);
        set(&mut ledger, 50.0, &[]);
        ledger.close(100.0);
        assert_eq!(ledger.lost()[0][4], 5.0 + 10.0 + 20.0);
        assert_eq!(ledger.periods(), [15.0, 0.0]);
        assert_eq!(ledger.incidents()[0].judged, 15.0);
        assert_eq!(ledger.down(), 40.0);
    }
}
