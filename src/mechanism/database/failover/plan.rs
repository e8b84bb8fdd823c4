//! A database with a primary, compiled.

use crate::law::Law;
use crate::mechanism::database::DatabaseKeys;
use crate::mechanism::database::backup::BackupPlan;
use crate::mechanism::latent::LatentPlan;
use crate::model::Decision;

/// A database, compiled.
#[derive(Debug, Clone)]
pub struct FailoverPlan {
    /// Component number of its events.
    pub component: u32,
    /// Regions whose stacks use it, one bit each.
    pub users: u64,
    /// Zones of its nodes: the first primary, then the copies.
    pub zones: Vec<usize>,
    /// From the failure of the serving node until it is noticed.
    pub detection: Law,
    /// Clients keep the old address this long at most (s).
    pub endpoint_ttl: f64,
    /// From the return of a node without its role until it is a copy again.
    pub rebuild: Law,
    /// Reads are served while writes are not, as long as some node has the data.
    pub reads_survive: bool,
    /// Number of synchronous standbys: nodes 1 to this.
    pub standbys: usize,
    /// How the first primary and its standbys take over from each other.
    pub standby: Option<TakeOver>,
    /// How an asynchronous copy (the last node) and the others take over from each other.
    pub replica: Option<TakeOver>,
    /// Replication lag.
    pub lag: Law,
    /// From the return of the first primary as a copy until it serves again.
    pub failback: Option<Law>,
    /// Probability that this takes the database down, and for how long.
    pub failback_risk: Option<(f64, Law)>,
    /// Storage that outlives the nodes.
    pub storage: Option<StoragePlan>,
    /// Backups.
    pub backup: Option<BackupPlan>,
    /// Modes that corrupt the data, and the time until that is found.
    pub corruptions: Vec<(u64, Law)>,
    /// Zones of each region in order, for a restore elsewhere.
    pub zones_of_region: Vec<Vec<usize>>,
    /// Acknowledged writes per second.
    pub writes: f64,
    /// Keys of its streams.
    pub keys: DatabaseKeys,
}

/// How a copy takes over.
#[derive(Debug, Clone)]
pub struct TakeOver {
    /// From detection to the decision.
    pub decision: Decision,
    /// From the decision until it serves.
    pub promotion: Law,
    /// Probability that this works by itself.
    pub coverage: f64,
    /// From detection to service by hand, where it does not.
    pub manual: Decision,
    /// How the copy breaks silently.
    pub latent: Option<LatentPlan>,
}

/// Storage that outlives the nodes of its region, compiled.
#[derive(Debug, Clone)]
pub struct StoragePlan {
    /// From detection until a new node serves in the zone of the old one.
    pub recreate: Law,
    /// The same in another zone, by hand, while that zone is down.
    pub elsewhere: Law,
}
