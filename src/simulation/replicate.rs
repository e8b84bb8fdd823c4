//! One replication: its memory, its start, the loop over events, and what it leaves behind.

mod drain;
mod fleets;
mod places;
mod served;
mod story;
mod timed;

use super::compile::Plan;
use super::stop::{Halt, Stop};
use crate::engine::calendar::Event;
use crate::engine::clone_in_place;
use crate::engine::ledger::{Excluded, Incident, Ledger, STAGES};
use crate::law::{History, Stream};
use crate::mechanism::change::Change;
use crate::mechanism::database::Database;
use crate::mechanism::database::backup::Losses;
use crate::mechanism::dependency::Dependency;
use crate::mechanism::dns::Dns;
use crate::mechanism::fleet::Fleet;
use crate::mechanism::maintenance::Maintenance;
use crate::mechanism::outage::{Count, Outage};
use crate::mechanism::sessions::Sessions;
use crate::mechanism::structure::Lost;
use crate::mechanism::world::{Places, World};
use served::Charge;
pub use story::Moment;

/// State changes between two looks at whether to stop: some milliseconds.
const EVENTS_BETWEEN_LOOKS: u64 = 1 << 18;
/// Looks in a history of which nothing is known.
const MOST_LOOKS: u32 = 256;

/// Incidents and losses of data in one history, beyond which it is given up: each is kept until its end.
pub const MOST_KEPT: usize = 10_000_000;

/// What one replication left behind.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// State changes, warm-up included.
    pub events: u64,
    /// Sets of failure modes that lost something.
    pub causes: &'a [u64],
    /// Lost seconds of each of them, by stage.
    pub lost: &'a [[f64; STAGES]],
    /// Lost seconds of reads and of writes, each as a part of the whole demand; none where they cannot fare differently.
    pub apart: Option<[f64; 2]>,
    /// Incidents.
    pub incidents: &'a [Incident],
    /// Seconds below the threshold.
    pub down: f64,
    /// Time that maintenance excluded.
    pub excluded: Excluded,
    /// What was lost and counts towards the objective, by period of the plan (s of usual demand).
    pub judged: &'a [f64],
    /// Demand that would count towards the objective were it not excluded, by period (s of usual demand).
    pub exempt: &'a [f64],
    /// Data lost, by one database after the other.
    pub losses: &'a Losses,
    /// Overloads that outlived what began them.
    pub metastable_incidents: u64,
    /// Users who lost their session.
    pub users_logged_out: f64,
    /// What was counted of outages, by class of those that the plan counts.
    pub counts: &'a [Count],
}

impl Outcome<'_> {
    /// Nothing happened that anything is told of but the number of events.
    pub fn is_uneventful(&self) -> bool {
        self.causes.is_empty()
            && self.incidents.is_empty()
            && self.excluded.time == 0.0
            && self.losses.are_none()
            && self.apart.is_none_or(|apart| apart == [0.0; 2])
            && self.metastable_incidents == 0
            && self.users_logged_out == 0.0
    }
}

/// The memory of a replication at work.
#[derive(Debug)]
pub struct Replica {
    pub(super) world: World,
    history: History,
    /// The block of histories whose first failures are known.
    block: Option<(u64, u64)>,
    pub(super) outages: Vec<Outage>,
    /// Those whose first failure is to be armed.
    failing: Vec<u32>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) databases: Vec<Database>,
    pub(super) dependencies: Vec<Dependency>,
    sessions: Sessions,
    pub(super) dns: Option<Dns>,
    pub(super) changes: Vec<Change>,
    pub(super) maintenance: Vec<Maintenance>,
    pub(super) ledger: Ledger,
    /// Requests per second at the moment.
    demand: f64,
    /// Every history starts alike: known from an earlier one.
    loses_nothing_at_rest: bool,
    /// What each structure loses now.
    charges: Vec<Vec<Charge>>,
    /// Loss of each part of the structure looked at.
    losses: Vec<Lost>,
    losses_elsewhere: Vec<Lost>,
    /// Loads of a region at which its loss has a kink, and times at which a drain is cut.
    kinks: Vec<f64>,
    cuts: Vec<f64>,
    lost_data: Losses,
    pub(super) counts: Vec<Count>,
    /// How often a history looks at whether to stop.
    looks: u32,
    /// They are those of a history in which nothing that is counted fails.
    pub(super) counts_are_quiet: bool,
}

clone_in_place!(Replica {
    world,
    history,
    block,
    outages,
    failing,
    fleets,
    databases,
    dependencies,
    sessions,
    dns,
    changes,
    maintenance,
    ledger,
    demand,
    loses_nothing_at_rest,
    charges,
    losses,
    losses_elsewhere,
    kinks,
    cuts,
    lost_data,
    counts,
    looks,
    counts_are_quiet
});

impl Replica {
    /// Memory for replications of a plan.
    pub fn new(plan: &Plan) -> Replica {
        let parts = plan.structures.iter().map(|s| s.parts.len()).max().unwrap_or(0);
        Replica {
            world: World {
                places: Places::new(plan.region_of.clone(), plan.regions, plan.dependencies.len()),
                watched: plan.dns.is_some(),
                shares: vec![0.0; plan.regions],
                ..World::default()
            },
            history: History::new(0, 0),
            block: None,
            outages: vec![Outage::new(); plan.outages.len()],
            failing: vec![0; plan.outages.len()],
            fleets: plan.fleets.iter().map(Fleet::new).collect(),
            databases: plan.databases.iter().map(Database::new).collect(),
            dependencies: vec![Dependency::new(); plan.dependencies.len()],
            sessions: Sessions::new(plan.sessions.as_ref()),
            dns: plan.dns.as_ref().map(Dns::new),
            changes: vec![Change::new(); plan.changes.len()],
            maintenance: vec![Maintenance::new(); plan.maintenance.len()],
            ledger: Ledger::default(),
            demand: plan.demand,
            loses_nothing_at_rest: false,
            charges: vec![Vec::new(); plan.structures.len()],
            losses: vec![[0.0; 2]; parts],
            losses_elsewhere: vec![[0.0; 2]; parts],
            kinks: Vec::new(),
            cuts: Vec::new(),
            lost_data: Losses::default(),
            counts: Vec::new(),
            looks: MOST_LOOKS,
            counts_are_quiet: false,
        }
    }

    /// Memory for replications whose rare outages are spread evenly over each block of [`crate::law::NET`].
    pub fn stratified(plan: &Plan) -> Replica {
        let mut replica = Replica::new(plan);
        replica.world.stratified = true;
        replica
    }

    /// Simulates one history from everything up and fresh to the end of the horizon.
    pub fn run(&mut self, plan: &Plan, seed: u64, replication: u64) -> Outcome<'_> {
        self.begin(plan, seed, replication);
        self.advance(plan, f64::INFINITY);
        self.finish(plan)
    }

    /// As [`Replica::run`], but gives up when it is to stop: that is looked at some times in a long history.
    ///
    /// # Errors
    /// Why it was given up. A history that has begun by then, and is short, is followed to its end.
    pub fn run_unless(&mut self, plan: &Plan, seed: u64, replication: u64, stop: &Stop) -> Result<Outcome<'_>, Halt> {
        self.begin(plan, seed, replication);
        let looks = self.looks;
        for look in 1..=looks {
            // A look at the clock takes as long as some events.
            let halt = if looks == 1 { stop.is_told().then_some(Halt::Told) } else { stop.reason() };
            if let Some(halt) = halt.or((self.kept() > MOST_KEPT).then_some(Halt::Crowded)) {
                return Err(halt);
            }
            let until = if look < looks { self.world.end * f64::from(look) / f64::from(looks) } else { f64::INFINITY };
            self.advance(plan, until);
        }
        // The next history is as long as this one, more or less.
        self.looks = u32::try_from(self.world.events / EVENTS_BETWEEN_LOOKS).map_or(MOST_LOOKS, |looks| looks + 1);
        Ok(self.finish(plan))
    }

    /// Incidents and losses of data so far.
    fn kept(&self) -> usize {
        let lost = |database: &Database| database.losses().count();
        self.ledger.incidents().len() + self.databases.iter().map(lost).sum::<usize>()
    }

    /// Begins a history, everything up and fresh.
    pub fn begin(&mut self, plan: &Plan, seed: u64, replication: u64) {
        self.restart(plan, seed, replication);
    }

    /// Goes on with a history up to an instant (s), and without what happens then. A copy of the replica can go on in its stead.
    #[inline]
    pub fn advance(&mut self, plan: &Plan, until: f64) {
        let end = self.world.end;
        let mut warm = self.world.now >= plan.warm_up;
        let mut limit = if warm { until } else { until.min(plan.warm_up) };
        while let Some(event) = self.world.calendar.pop() {
            if event.time() >= limit {
                self.world.calendar.push(event);
                if warm || until <= plan.warm_up {
                    return;
                }
                self.warm_up_ends(plan);
                (warm, limit) = (true, until);
                continue;
            }
            self.world.now = event.time();
            self.world.until = if warm { end } else { plan.warm_up };
            if self.is_moving() {
                self.world.until = 0.0;
                self.account(plan, event.time());
            }
            if !self.zone_fails_alone(plan, event) {
                self.turn(plan, event);
                self.follow(plan);
            }
        }
        if !warm {
            self.warm_up_ends(plan);
        }
    }

    /// Ends a history that was followed to its end, and says what it left behind.
    pub fn finish(&mut self, plan: &Plan) -> Outcome<'_> {
        let end = self.world.end;
        self.account(plan, end);
        self.ledger.close(end);
        if self.world.counts_differ || !self.counts_are_quiet {
            self.count_classes(plan);
        }
        if !self.databases.is_empty() {
            self.close_databases(plan);
        }
        Outcome {
            events: self.world.events,
            causes: self.ledger.causes(),
            lost: self.ledger.lost(),
            apart: plan.divides().then(|| self.ledger.apart()),
            incidents: self.ledger.incidents(),
            down: self.ledger.down(),
            excluded: self.ledger.excluded(),
            judged: self.ledger.periods(),
            exempt: self.ledger.exempt(),
            losses: &self.lost_data,
            metastable_incidents: self.world.metastable
                + self.dependencies.iter().map(Dependency::metastable_incidents).sum::<u64>(),
            users_logged_out: self.sessions.logged_out(),
            counts: &self.counts,
        }
    }

    #[inline(never)]
    fn close_databases(&mut self, plan: &Plan) {
        self.lost_data.clear();
        for database in &mut self.databases {
            database.close(&self.world);
            let (seen, counted) = (database.losses(), &mut self.lost_data);
            counted.gone.extend(seen.gone.iter().filter(|loss| loss.at >= plan.warm_up));
            counted.absent.extend(seen.absent.iter().filter(|absence| absence.at >= plan.warm_up));
            counted.unrecoverable.extend(seen.unrecoverable.iter().filter(|at| **at >= plan.warm_up));
        }
    }

    /// Works out what is served after something has happened.
    #[inline]
    pub(super) fn follow(&mut self, plan: &Plan) {
        // What DNS makes of a change may change the stage of a recovery at the same instant.
        while self.world.changed != 0 {
            self.evaluate(plan);
        }
        if let Some(its_plan) = &plan.sessions {
            self.sessions.settle(its_plan, &mut self.fleets, self.dns.as_ref());
        }
    }

    /// What came before does not count.
    pub(super) fn warm_up_ends(&mut self, plan: &Plan) {
        self.account(plan, plan.warm_up);
        self.ledger.discard(plan.warm_up, &plan.terms);
        self.world.metastable = 0;
        self.sessions.discard();
        self.dependencies.iter_mut().for_each(Dependency::discard);
    }

    pub(super) fn restart(&mut self, plan: &Plan, seed: u64, replication: u64) {
        self.history.turn(seed, replication);
        let history = &self.history;
        let world = &mut self.world;
        world.now = 0.0;
        world.counts_from = plan.warm_up;
        world.end = plan.warm_up + plan.counted;
        world.calendar.clear();
        world.places.restart();
        world.events = 0;
        (world.failures_on, world.metastable, world.counts_differ) = (0, 0, false);
        if self.block != Some(history.block()) {
            self.block = Some(history.block());
            for (outage, its_plan) in self.outages.iter_mut().zip(&plan.outages) {
                outage.enter_block(its_plan, history, world.stratified);
            }
        }
        // Where failures are rare it is as good as random which of them a history has: so they are listed without a branch on that.
        let mut count = 0;
        for (place, (outage, its_plan)) in (0..).zip(self.outages.iter_mut().zip(&plan.outages)) {
            self.failing[count] = place;
            count += usize::from(outage.restart(its_plan, history));
        }
        for place in &self.failing[..count] {
            self.outages[*place as usize].arm_first(&plan.outages[*place as usize], history, world);
        }
        for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
            fleet.restart(its_plan, history, world);
        }
        for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
            database.restart(its_plan, history);
        }
        for (dependency, its_plan) in self.dependencies.iter_mut().zip(&plan.dependencies) {
            dependency.restart(its_plan, history, world);
        }
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.restart(its_plan, history, world);
        }
        if let Some(its_plan) = &plan.sessions {
            self.sessions.restart(its_plan, self.dns.as_ref());
        }
        for (change, its_plan) in self.changes.iter_mut().zip(&plan.changes) {
            change.restart(its_plan, history, world);
        }
        for (maintenance, its_plan) in self.maintenance.iter_mut().zip(&plan.maintenance) {
            maintenance.restart(its_plan, history, world);
        }
        self.ledger.restart(&plan.terms);
        self.demand = plan.demand;
        if !plan.week.is_flat() {
            self.enter_step(plan, 0);
        }
        let world = &mut self.world;
        if self.loses_nothing_at_rest {
            self.charges.iter_mut().for_each(Vec::clear);
            world.changed = 0;
        } else {
            world.changed = u64::MAX;
            self.evaluate(plan);
            // Units that feel their load may have too much of it although nothing is lost.
            self.loses_nothing_at_rest = plan.dns.is_none() && !plan.feels_load && self.ledger.is_quiet();
        }
    }

    /// Every stream that something draws from.
    pub(super) fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        self.outages.iter_mut().for_each(|it| it.streams(visit));
        self.fleets.iter_mut().for_each(|it| it.streams(visit));
        self.databases.iter_mut().for_each(|it| it.streams(visit));
        self.dependencies.iter_mut().for_each(|it| it.streams(visit));
        self.dns.iter_mut().for_each(|it| it.streams(visit));
        self.changes.iter_mut().for_each(|it| it.streams(visit));
        self.maintenance.iter_mut().for_each(|it| it.streams(visit));
    }

    pub(super) fn is_moving(&self) -> bool {
        self.dns.as_ref().is_some_and(Dns::is_moving)
    }

    #[inline]
    pub(super) fn turn(&mut self, plan: &Plan, event: Event) {
        let fleet = event.component().wrapping_sub(plan.outages.len());
        match (self.fleets.get_mut(fleet), plan.fleets.get(fleet)) {
            (Some(fleet), Some(its_plan)) => fleet.turn(its_plan, event, &mut self.world),
            _ => self.turn_other(plan, event),
        }
    }

    /// What is no fleet.
    #[inline(never)]
    fn turn_other(&mut self, plan: &Plan, event: Event) {
        let component = event.component();
        let database = component.wrapping_sub(plan.outages.len() + plan.fleets.len());
        let dependency = database.wrapping_sub(plan.databases.len());
        if component < plan.outages.len() {
            if let Some(fails) = self.outages[component].turn(&plan.outages[component], event, &mut self.world) {
                self.place_turns(plan, plan.outages[component].hold, fails);
            }
        } else if database < plan.databases.len() {
            self.databases[database].turn(&plan.databases[database], event, &mut self.world);
            self.renew_processes(plan, database);
        } else if dependency < plan.dependencies.len() {
            self.dependencies[dependency].turn(&plan.dependencies[dependency], event, &mut self.world);
        } else if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns)
            && component == its_plan.component as usize
        {
            dns.advance(its_plan, self.world.now);
            dns.turn(its_plan, event, &mut self.world);
        } else {
            self.calendar_turns(plan, event);
        }
    }
}

impl Plan {
    fn rates(&self) -> &[f64] {
        self.dns.as_ref().map_or(&[], |dns| &dns.rates)
    }
}
