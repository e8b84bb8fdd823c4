//! Databases to be, and their copies.

use super::laws::{fixed, never, share};
use ridethrough::law::Law;
use ridethrough::model::{Backup, Broken, Database, Decision, FailbackRisk, Nodes, OnCall, Quorum, Replica, Storage};
use ridethrough::units::{Fraction, Seconds};

/// A copy of a database to be, with its zone by name.
#[derive(Debug, Clone)]
pub struct Copy {
    pub(super) zone: &'static str,
    pub(super) copy: Replica,
}

/// A copy that is promoted at once, always.
pub fn copy(zone: &'static str) -> Copy {
    let copy = Replica {
        zone: 0,
        decision: fixed(0.0).into(),
        promotion: fixed(0.0),
        coverage: Fraction::ONE,
        manual: never().into(),
        broken: None,
        lag: fixed(0.0),
        failback: None,
        failback_risk: None,
    };
    Copy { zone, copy }
}

impl Copy {
    /// From detection until the failover is decided.
    pub fn decided_in(mut self, law: Law) -> Self {
        self.copy.decision = law.into();
        self
    }

    /// From the decision until the copy serves.
    pub fn promoted_in(mut self, law: Law) -> Self {
        self.copy.promotion = law;
        self
    }

    /// The failover works by itself with this probability; otherwise it takes this long by hand.
    pub fn covered(mut self, coverage: f64, manual: Law) -> Self {
        self.copy.coverage = share(coverage);
        self.copy.manual = manual.into();
        self
    }

    /// People decide.
    pub fn decided_by(mut self, people: OnCall) -> Self {
        self.copy.decision = people.into();
        self
    }

    /// It breaks without anybody noticing.
    pub fn breaking(mut self, broken: Broken) -> Self {
        self.copy.broken = Some(broken);
        self
    }

    /// How far it lags behind.
    pub fn lagging(mut self, law: Law) -> Self {
        self.copy.lag = law;
        self
    }

    /// From the return of the first primary until the roles are switched back.
    pub fn failing_back_after(mut self, law: Law) -> Self {
        self.copy.failback = Some(law);
        self
    }

    /// Which takes the database down with this probability, for so long.
    pub fn risking(mut self, probability: f64, recover: Law) -> Self {
        self.copy.failback_risk = Some(FailbackRisk { probability: share(probability), recover });
        self
    }
}

/// A database to be, with its zones by name.
#[derive(Debug, Clone)]
pub struct DatabasePart {
    pub(super) primary: &'static str,
    pub(super) standby: Option<Copy>,
    pub(super) second: Option<&'static str>,
    pub(super) replica: Option<Copy>,
    pub(super) places: Vec<&'static str>,
    pub(super) database: Database,
}

/// Equal nodes in these zones, so many of which a read and a write need.
pub fn quorum(name: &str, zones: &[&'static str], read: u32, write: u32) -> DatabasePart {
    let nodes = Nodes::Zones(Vec::new());
    let quorum = Quorum { nodes, write, read, lag: None, conflict_share: Fraction::ZERO };
    let mut part = database(name, zones[0]);
    part.database.quorum = Some(quorum);
    DatabasePart { places: zones.to_vec(), ..part }
}

/// A copy in each of these regions, so many of which a read and a write need.
pub fn copies(name: &str, regions: &[&'static str], read: u32, write: u32) -> DatabasePart {
    let mut part = quorum(name, regions, read, write);
    part.database.quorum.as_mut().expect("it was just made").nodes = Nodes::Regions(Vec::new());
    part
}

/// A single node.
pub fn database(name: &str, primary: &'static str) -> DatabasePart {
    let database = Database {
        name: name.into(),
        primary: 0,
        detection: fixed(0.0),
        endpoint_ttl: Seconds(0.0),
        rebuild: fixed(0.0),
        reads_survive: false,
        standby: None,
        second_standby: None,
        replica: None,
        storage: None,
        backup: None,
        quorum: None,
    };
    DatabasePart { primary, standby: None, second: None, replica: None, places: Vec::new(), database }
}

impl DatabasePart {
    /// From the failure of the serving node until it is noticed.
    pub fn noticed_after(mut self, law: Law) -> Self {
        self.database.detection = law;
        self
    }

    /// Clients keep the old address for up to this long.
    pub fn endpoint_ttl(mut self, seconds: f64) -> Self {
        self.database.endpoint_ttl = Seconds(seconds);
        self
    }

    /// From the return of a node until it is a copy again.
    pub fn rebuilt_in(mut self, law: Law) -> Self {
        self.database.rebuild = law;
        self
    }

    /// With a synchronous copy.
    pub fn standby(mut self, copy: Copy) -> Self {
        self.standby = Some(copy);
        self
    }

    /// With an asynchronous copy.
    pub fn replica(mut self, copy: Copy) -> Self {
        self.replica = Some(copy);
        self
    }

    /// Reads are served while writes are not.
    pub fn reads_survive(mut self) -> Self {
        self.database.reads_survive = true;
        self
    }

    /// With a second synchronous copy in this zone.
    pub fn second_standby(mut self, zone: &'static str) -> Self {
        self.second = Some(zone);
        self
    }

    /// On storage that outlives nodes and zones: a new node takes so long in the old zone, and elsewhere.
    pub fn stored(mut self, recreate: Law, elsewhere: Law) -> Self {
        self.database.storage = Some(Storage { recreate, elsewhere });
        self
    }

    /// The last writer wins: writes reach other regions so much later, and a share of those that come back is overtaken.
    pub fn sending_after(mut self, lag: Law, overtaken: f64) -> Self {
        let quorum = self.database.quorum.as_mut().expect("equal nodes");
        (quorum.lag, quorum.conflict_share) = (Some(lag), share(overtaken));
        self
    }

    /// Restore points are kept for so long.
    pub fn kept_for(mut self, seconds: f64) -> Self {
        self.database.backup.as_mut().expect("backups").retention = Some(Seconds(seconds));
        self
    }

    /// With restore points at an interval, and a time from detection to the decision and one for the restore.
    pub fn backup(mut self, interval: f64, decision: impl Into<Decision>, restore: Law) -> Self {
        let decision = decision.into();
        self.database.backup = Some(Backup { interval: Seconds(interval), retention: None, restore, decision });
        self
    }
}
