//! The architecture under study and the environment around it: validated nouns, no file format, no randomness.
//!
//! A [`Design`] is what a scenario file resolves to and what [`crate::simulation`] compiles. Names are kept sorted where
//! order carries no meaning, so that the order of a file's tables never enters a result. Places are indices: a
//! [`RegionId`] into [`Design::regions`], a [`ZoneId`] into [`Design::zones`], and so on.

mod bill;
pub mod blueprint;
mod headroom;
mod injection;
mod people;
mod standby;

pub use bill::{Bill, Charge};
pub use blueprint::Blueprint;
pub use headroom::Headroom;
pub use injection::Injection;
pub use people::{Decision, OnCall, WorkingHours};
pub use standby::{Broken, Checkers, FailbackRisk, Population, Standby, Switch};

use crate::law::Law;
use crate::units::{Fraction, Rate, Seconds};

/// Index into [`Design::regions`].
pub type RegionId = usize;
/// Index into [`Design::zones`].
pub type ZoneId = usize;
/// Index into [`Design::tiers`].
pub type TierId = usize;
/// Index into [`Design::databases`].
pub type DatabaseId = usize;
/// Index into [`Design::dependencies`].
pub type DependencyId = usize;

/// One architecture together with the environment it lives in.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Name shown in tables and charts.
    pub name: String,
    /// The question the scenario answers, shown above its result.
    pub question: Option<String>,
    /// Regions, sorted by name.
    pub regions: Vec<Region>,
    /// Zones of all regions, by region and then in the order they are listed in, in which units are dealt to them.
    pub zones: Vec<Zone>,
    /// Tiers, sorted by name.
    pub tiers: Vec<Tier>,
    /// Databases, sorted by name.
    pub databases: Vec<Database>,
    /// Dependencies, sorted by name.
    pub dependencies: Vec<Dependency>,
    /// What each region must have working to serve a request; a region without a stack takes no traffic.
    pub stacks: Vec<Stack>,
    /// How clients find a region.
    pub routing: Routing,
    /// Where sessions are kept, if users have any.
    pub sessions: Option<Sessions>,
    /// Failure modes, sorted by name. Together with changes and maintenance at most 64.
    pub failures: Vec<FailureMode>,
    /// Deployments and configuration pushes, sorted by name.
    pub changes: Vec<Change>,
    /// Planned downtime, sorted by name.
    pub maintenance: Vec<Maintenance>,
    /// Failures that happen once, at known times; what a drill injects.
    pub injections: Vec<Injection>,
    /// What the clients ask for.
    pub demand: Demand,
    /// What the owner wants.
    pub objectives: Objectives,
    /// What it costs; none where no price is stated.
    pub bill: Option<Bill>,
    /// Length of one replication (s), above 0.
    pub horizon: Seconds,
    /// Initial stretch of it that is simulated but not counted (s), shorter than the horizon.
    pub warm_up: Seconds,
    /// An incident is a maximal interval with a served fraction below this.
    pub up_threshold: Fraction,
    /// Replications that the scenario asks for; the command line may override it.
    pub replications: Option<u64>,
    /// Defaults and assumptions that went into the design, for the report.
    pub assumptions: Vec<Assumption>,
    /// Paths of what is defined and not used, for the report.
    pub unused: Vec<String>,
}

/// A value the file did not state, or took from the catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Assumption {
    /// Key path in the scenario, e.g. `tier.web.load_balancer.interval`.
    pub key: String,
    /// The value used, as the scenario would write it.
    pub value: String,
    /// Catalog key, or "model" for a rule of the simulator.
    pub catalog: String,
    /// Where the value comes from, with date.
    pub source: String,
    /// Evidence grade: V read in source, S secondary, D derived, M recalled, A assumption, B the lesson.
    pub grade: String,
}

/// A cloud region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Unique name.
    pub name: String,
}

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Unique name.
    pub name: String,
    /// The region it belongs to.
    pub region: RegionId,
}

/// A group of identical units, run in every region whose stack requires it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Unique name.
    pub name: String,
    /// Zones in which units are placed, over all regions that run the tier, ascending.
    pub zones: Vec<ZoneId>,
    /// Most requests one unit serves per second; none means a unit serves any load.
    pub capacity: Option<Rate>,
    /// With fewer healthy units than this in a region the tier serves nothing there.
    pub required: u32,
    /// How the number of units is kept up.
    pub upkeep: Upkeep,
    /// How requests reach units; none means requests always find the healthy units.
    pub load_balancer: Option<LoadBalancer>,
}

/// How a tier keeps its units.
#[derive(Debug, Clone, PartialEq)]
pub enum Upkeep {
    /// A fixed set of units, repaired in place.
    Pool {
        /// Units per region, spread over the tier's zones of that region.
        units: u32,
        /// Repair crews per region; none means every unit has its own.
        crews: Option<u32>,
        /// Time to replace a unit killed by a zone or region failure, from the end of that failure; never if absent.
        replacement: Law,
        /// Machines beside the units that stand by to take their places.
        spares: Option<Spares>,
    },
    /// Units that are replaced, never repaired.
    AutoScaling(AutoScaling),
}

/// Machines of a pool that stand by.
#[derive(Debug, Clone, PartialEq)]
pub struct Spares {
    /// How many per region, dealt to the zones after the units.
    pub count: u32,
    /// Share of the active failure rate at which they fail: 0 for cold spares, 1 for hot ones.
    pub dormant: Fraction,
    /// From the failure of a unit until a spare serves in its place.
    pub switch_over: Law,
    /// Probability that it does.
    pub coverage: Fraction,
}

/// An auto scaling group.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoScaling {
    /// Fewest units per region.
    pub min: u32,
    /// Units per region the group holds.
    pub desired: u32,
    /// Most units per region.
    pub max: u32,
    /// What the group looks at.
    pub check: CheckType,
    /// Verdicts count from this long after launch (s).
    pub grace: Seconds,
    /// How the group itself sees a dead instance with [`CheckType::Ec2`].
    pub status_check: HealthCheck,
    /// From the verdict until the launch may start.
    pub terminate: Law,
    /// From the launch request until the instance runs.
    pub launch: Law,
    /// From running until the application answers.
    pub boot: Law,
    /// Probability that one launch fails for lack of capacity.
    pub launch_failure: Fraction,
    /// From a failed launch to the next attempt, in another zone if there is one.
    pub retry: Law,
}

/// What an auto scaling group takes as a reason to replace a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckType {
    /// Unit or hardware failure only.
    Ec2,
    /// Whatever the load balancer's check sees.
    Elb,
}

/// A load balancer in front of one tier, with a node in each zone of the tier.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancer {
    /// How targets are checked.
    pub check: HealthCheck,
    /// Requests that enter at any node reach targets in all zones.
    pub cross_zone: bool,
    /// Clients keep the address of a failed zone's node for a residual of this, uniform on (0, it) (s).
    pub zone_ttl: Seconds,
    /// How people move traffic away from an impaired zone; none if they do not.
    pub zonal_shift: Option<ZonalShift>,
    /// Units that get more than this many times their capacity fail their checks; none if they serve what they can and pass.
    pub overload: Option<f64>,
}

/// How people move traffic away from a zone that is down or fails gray.
#[derive(Debug, Clone, PartialEq)]
pub struct ZonalShift {
    /// From the begin of the impairment until people know.
    pub detection: Law,
    /// From then until they have decided and done it.
    pub decision: Law,
    /// Longest time that it lasts.
    pub duration: Law,
    /// From the end of the impairment until the traffic is moved back.
    pub return_after: Law,
}

/// A health check: either interval and thresholds, or delays given directly as laws.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// Time between checks of one target (s).
    pub interval: Seconds,
    /// A check that hangs counts as failed after this (s).
    pub timeout: Seconds,
    /// Consecutive failures until a target is out.
    pub unhealthy_threshold: u32,
    /// Consecutive successes until a target is back.
    pub healthy_threshold: u32,
    /// A deep check sees an application hang, a shallow one does not.
    pub deep: bool,
    /// Probability that one check of a healthy target fails.
    pub false_positive: Fraction,
    /// Replaces the rule for detection: time from the failure to the verdict.
    pub detection: Option<Law>,
    /// Replaces the rule for recovery: time from the restoration to the verdict.
    pub recovery: Option<Law>,
}

/// A managed or third-party service.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// Unique name.
    pub name: String,
    /// The region it lives in; none means it is global and serves every region.
    pub region: Option<RegionId>,
    /// Of the requests that call it, the share that fails without an answer; 1 for a hard dependency.
    pub cost: Fraction,
    /// Who calls it, and how long they wait.
    pub client: Client,
    /// What callers do after a failed call.
    pub retry: Retry,
    /// What spares callers a dependency that fails.
    pub breaker: Option<Breaker>,
    /// What it does under more load than it can take; none takes any load.
    pub overload: Option<Overload>,
}

/// The callers of a dependency, all together.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// Share of the requests that call it.
    pub share: Fraction,
    /// Calls per second while nothing fails; none for that share of the demand.
    pub calls: Option<Rate>,
    /// A call without an answer is given up after this (s).
    pub timeout: Seconds,
    /// Requests that callers can have in hand at once; none bounds nothing.
    pub pool: Option<u32>,
}

impl Default for Client {
    /// Every request calls it; a timeout of 5 s, no pool that could run out.
    fn default() -> Client {
        Client { share: Fraction::ONE, calls: None, timeout: Seconds(5.0), pool: None }
    }
}

/// How a failed call is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// Mean wait before each attempt but the first, `attempts - 1` of them (s).
    pub waits: Vec<Seconds>,
}

impl Default for Retry {
    /// No attempt but the first.
    fn default() -> Retry {
        Retry { attempts: 1, waits: Vec::new() }
    }
}

/// A circuit breaker in the callers.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// What opens it.
    pub trip: Trip,
    /// From its opening until a call is let through for trial (s), above 0.
    pub reset_timeout: Seconds,
    /// Trial calls that must succeed to close it, at least 1.
    pub half_open: u32,
    /// Share of the requests it refuses that is served by other means.
    pub fallback: Fraction,
    /// Number of breakers that the calls are spread over, at least 1.
    pub callers: u32,
}

/// What opens a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trip {
    /// So many failed calls in a row.
    Consecutive(u32),
    /// This share of failed calls among the last so many.
    OfCalls {
        /// The share.
        share: Fraction,
        /// Number of calls looked at.
        window: u32,
    },
    /// This share of failed calls in the last while.
    OfTime {
        /// The share.
        share: Fraction,
        /// Time looked at (s).
        window: Seconds,
        /// With fewer calls in it nothing is concluded.
        minimum: u32,
    },
}

/// A dependency under more load than it can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Overload {
    /// Calls per second it can take.
    pub capacity: Rate,
    /// Share of its capacity that it still turns into answers when it gets more.
    pub goodput: Fraction,
    /// From the end of what brought the overload about until people take the load off.
    pub intervention: Law,
}

/// Where the sessions of users are kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Sessions {
    /// In a store, which is a dependency.
    External {
        /// The store.
        dependency: DependencyId,
        /// Copies of the sessions beside the first; without any, a failure of the store loses them all.
        replicas: u32,
        /// Users logged in at once.
        users: f64,
    },
    /// In a database, which keeps them as long as it keeps anything: nobody is logged out.
    Database {
        /// The database.
        database: DatabaseId,
        /// Users logged in at once.
        users: f64,
    },
    /// In the units of a tier.
    Instance {
        /// The tier.
        tier: TierId,
        /// Users logged in at once.
        users: f64,
    },
}

/// A database: a primary, perhaps a synchronous standby, perhaps an asynchronous replica, perhaps backups; or equal nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// Unique name.
    pub name: String,
    /// Zone of the first primary.
    pub primary: ZoneId,
    /// From the failure of the serving node until it is noticed.
    pub detection: Law,
    /// After a recovery, clients keep the old address for a residual of this, uniform on (0, it) (s).
    pub endpoint_ttl: Seconds,
    /// From the return of a node that lost its role or its data until it can take over again.
    pub rebuild: Law,
    /// Reads are served while writes are not, as long as some node has the data.
    pub reads_survive: bool,
    /// A synchronous copy; failing over to it loses nothing.
    pub standby: Option<Replica>,
    /// Zone of a second one, which is like the first in everything else.
    pub second_standby: Option<ZoneId>,
    /// An asynchronous copy; failing over to it loses the replication lag.
    pub replica: Option<Replica>,
    /// Storage that outlives all nodes and zones of the region.
    pub storage: Option<Storage>,
    /// Backups, for a node whose data are gone with no copy to take over.
    pub backup: Option<Backup>,
    /// Equal nodes instead of a primary and its copies: of the above, only `rebuild` and `backup` are about them.
    pub quorum: Option<Quorum>,
}

/// Storage of a database that outlives all nodes and zones of the region.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// From detection until a new node serves in the zone of a lost one, where no copy can take over.
    pub recreate: Law,
    /// The same in another zone, by hand, while that zone is down.
    pub elsewhere: Law,
}

/// Equal nodes of a database, each with all data.
#[derive(Debug, Clone, PartialEq)]
pub struct Quorum {
    /// Where they stand.
    pub nodes: Nodes,
    /// Nodes that must be alive for a write.
    pub write: u32,
    /// Nodes that must be alive for a read.
    pub read: u32,
    /// How much later than acknowledged a write is sent to the other nodes; none: it is acknowledged when the quorum has it.
    pub lag: Option<Law>,
    /// Share of the writes that come back with a node that other writes have overtaken.
    pub conflict_share: Fraction,
}

/// Where equal nodes stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nodes {
    /// One in each of these zones; a zone may hold several.
    Zones(Vec<ZoneId>),
    /// One in each of these regions, which serves the stack of that region.
    Regions(Vec<RegionId>),
    /// One, somewhere in this region, whatever becomes of its zones.
    Region(RegionId),
    /// One, in no region.
    Anywhere,
}

/// A copy of a database that can be promoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Replica {
    /// Where it starts.
    pub zone: ZoneId,
    /// From detection until somebody or something decides to fail over.
    pub decision: Decision,
    /// From the decision until the copy serves.
    pub promotion: Law,
    /// Probability that the automatic failover works.
    pub coverage: Fraction,
    /// From detection until service by hand, where the automatic failover does not work.
    pub manual: Decision,
    /// How it may be broken without anybody knowing.
    pub broken: Option<Broken>,
    /// Replication lag at a random instant; fixed 0 for a synchronous copy.
    pub lag: Law,
    /// From the return of the first primary until the roles are switched back, without loss; none for never.
    pub failback: Option<Law>,
    /// What that may break.
    pub failback_risk: Option<FailbackRisk>,
}

/// Backups of a database.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// Time between usable restore points (s).
    pub interval: Seconds,
    /// How long they are kept (s); none for ever.
    pub retention: Option<Seconds>,
    /// From the decision until the restored database serves.
    pub restore: Law,
    /// From detection until the restore is started.
    pub decision: Decision,
}

/// What a region needs to serve a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Where it runs.
    pub region: RegionId,
    /// Its structure.
    pub requires: Need,
}

/// A structure of needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// The tier, in the stack's own region.
    Tier(TierId),
    /// The database, wherever its primary is.
    Database(DatabaseId),
    /// The dependency.
    Dependency(DependencyId),
    /// A request passes all of them, in this order.
    AllOf(Vec<Need>),
    /// A request that one fails is tried on the next.
    AnyOf(Vec<Need>),
    /// At least `k` must serve it.
    KOf {
        /// How many must serve.
        k: usize,
        /// Out of these.
        of: Vec<Need>,
    },
}

/// How clients reach regions.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a handful of them, made once")]
pub enum Routing {
    /// All demand always goes to the one stack.
    Direct,
    /// Clients resolve a name.
    Dns(Dns),
}

/// A DNS name whose answer depends on health.
#[derive(Debug, Clone, PartialEq)]
pub struct Dns {
    /// What the name answers.
    pub record: Record,
    /// How long an answer may be kept (s), above 0.
    pub ttl: Seconds,
    /// How endpoints are checked; none means that the answer never changes.
    pub check: Option<HealthCheck>,
    /// How many check each of them.
    pub checkers: Checkers,
    /// From detection until failover is decided.
    pub decision: Decision,
    /// Probability that the automatic change works.
    pub coverage: Fraction,
    /// From detection to the change by hand, where the automatic one does not work.
    pub manual: Decision,
    /// From the decision until the new answer is served.
    pub publish: Law,
    /// What happens when a failed endpoint is healthy again.
    pub failback: Failback,
    /// What a failback itself may break.
    pub failback_risk: Option<FailbackRisk>,
    /// Regions that stand by, by region.
    pub standbys: Vec<Standby>,
    /// Who asks. Shares sum to 1; never empty.
    pub cohorts: Vec<Cohort>,
    /// Number of resolvers that ask, for the count of queries.
    pub resolvers: Option<f64>,
}

/// What a DNS name answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The first healthy region in this order; the first of all if none is.
    Failover(Vec<RegionId>),
    /// All healthy regions by weight; all of them if none is.
    Weighted(Vec<(RegionId, f64)>),
    /// To each population the first healthy region in its order; the first of all if none is. Shares sum to 1; never empty.
    Latency(Vec<Population>),
}

impl Record {
    /// The regions it names.
    #[must_use]
    pub fn regions(&self) -> Vec<RegionId> {
        match self {
            Record::Failover(order) => order.clone(),
            Record::Weighted(weights) => weights.iter().map(|(region, _)| *region).collect(),
            Record::Latency(populations) => populations.first().map_or(Vec::new(), |first| first.prefers.clone()),
        }
    }
}

/// What happens when a failed endpoint is healthy again.
#[derive(Debug, Clone, PartialEq)]
pub enum Failback {
    /// The answer returns after the endpoint has stayed healthy for this long.
    Automatic(Law),
    /// Somebody returns it this long after the endpoint was seen healthy.
    Manual(Law),
    /// The answer stays until the region it names fails.
    Never,
}

/// Clients that treat a DNS answer alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Name in reports.
    pub name: String,
    /// Share of the demand.
    pub share: Fraction,
    /// Effective TTL: the record's, clamped or replaced (s), above 0.
    pub ttl: Seconds,
    /// Extra time an expired answer is kept: fixed, or exponential with this mean; none keeps nothing.
    pub stale: Stale,
}

/// How long a cohort keeps an answer beyond its TTL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stale {
    /// Not at all.
    None,
    /// Always this long (s).
    Fixed(Seconds),
    /// Exponential with this mean (s).
    Exponential(Seconds),
}

/// An alternating process: up for a time to failure, counted from the last restoration, then down for a repair.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureMode {
    /// Unique name; names the random stream and the cause in reports.
    pub name: String,
    /// What it takes down.
    pub scope: Scope,
    /// Time to failure.
    pub mttf: Law,
    /// Time until the cause is gone; of a corruption, until it is found.
    pub repair: Law,
    /// What it does to the units it covers.
    pub effect: Effect,
    /// How a failed unit looks to a health check, and a failed dependency to its callers.
    pub symptom: Symptom,
    /// Share of its calls that a dependency fails meanwhile; 1 for everything else.
    pub error: Fraction,
    /// How long what it covers has been up when a history begins, each on its own; none if it is new.
    pub age: Option<Law>,
}

/// What a failure mode takes down. A mode with several places is one independent process at each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Each unit of the tier, on its own.
    Unit(TierId),
    /// Each node of the database, on its own; its data as a whole with [`Effect::Corrupt`].
    Node(DatabaseId),
    /// All units of the tier in a region, at once.
    Tier(TierId, RegionId),
    /// Each of these zones.
    Zones(Vec<ZoneId>),
    /// Each of these regions.
    Regions(Vec<RegionId>),
    /// The control plane of each of these regions.
    ControlPlanes(Vec<RegionId>),
    /// The control plane everywhere at once.
    GlobalControlPlane,
    /// The dependency.
    Dependency(DependencyId),
    /// Everything.
    Global,
}

/// What a failure does to the units it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They are back when it ends.
    Mask,
    /// They are lost and must be replaced, restored or rebuilt.
    Kill,
    /// The data of the database are corrupted, in every copy.
    Corrupt,
}

/// How a failed unit looks from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Symptom {
    /// The instance is gone: every check sees it at once.
    Instance,
    /// The application is gone, the instance runs: load balancers see it, EC2 checks do not.
    Crash,
    /// The application hangs: a deep check sees it after its timeout, nothing else does. Calls of a dependency wait for their timeout.
    Hang,
    /// It answers, but fails some of its requests.
    Gray {
        /// Share of the requests that reach it and fail.
        error: Fraction,
        /// A deep check sees it, as it would see a crash; otherwise no check does.
        seen: bool,
    },
}

/// Deployments or configuration pushes of one kind: some are bad, spread in stages, are noticed and rolled back.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Unique name among failure modes, changes and maintenance; names the random streams and the cause in reports.
    pub name: String,
    /// What is changed.
    pub touches: Touches,
    /// How far it reaches, stage after stage: ascending, never empty. Only a tier has single units, and a database is changed at once.
    pub stages: Vec<Reach>,
    /// From the start of one change to the start of the next.
    pub every: Law,
    /// Probability that a change is bad.
    pub failure: Fraction,
    /// From the start of a stage to the start of the next.
    pub bake: Law,
    /// From the start of the first stage of a bad change until it is noticed.
    pub detection: Law,
    /// From then, until everything that was touched is back.
    pub rollback: Law,
    /// The rollback begins only while the control planes of the regions it touches, and the global one, are up.
    pub rollback_needs_control_plane: bool,
    /// How the units of a bad change look to a health check, where it touches a tier.
    pub symptom: Symptom,
}

/// What a change is made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// A tier, in all its regions.
    Tier(TierId),
    /// A database, all its nodes.
    Database(DatabaseId),
    /// All that runs in these regions, in this order.
    Regions(Vec<RegionId>),
    /// Everything.
    Everything,
}

/// How far a stage of a change reaches; each contains the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// One unit.
    Unit,
    /// One zone.
    Zone,
    /// One region.
    Region,
    /// All of it.
    All,
}

/// Planned downtime of a place, at times that a calendar fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct Maintenance {
    /// Unique name among failure modes, changes and maintenance.
    pub name: String,
    /// What is down, all of it at once and for one shared time. Not single units.
    pub scopes: Vec<Scope>,
    /// Start of the first window (s).
    pub first: Seconds,
    /// From the start of a window to the start of the next (s), above 0.
    pub every: Seconds,
    /// Length of a window.
    pub duration: Law,
    /// What is lost in a window is planned: it does not count.
    pub excluded: bool,
}

/// Hours of a day and days of a week. A history begins on a Monday at 00:00.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hours {
    /// Start on each of the days, since midnight (s), at least 0.
    pub from: Seconds,
    /// End on each of the days, since midnight (s), after `from` and at most 24 h.
    pub to: Seconds,
    /// Monday to Sunday.
    pub days: [bool; 7],
}

/// Hours in which the demand is a multiple of the usual one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// When.
    pub hours: Hours,
    /// Of the usual demand, 0 or more.
    pub factor: f64,
}

/// What clients ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Requests per second.
    pub rate: Rate,
    /// Writes per second, for the count of lost writes.
    pub writes: Rate,
    /// Hours with another rate; where they overlap, the last one holds.
    pub profile: Vec<Peak>,
}

/// What the owner wants. Absent means not asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Objectives {
    /// Least request availability.
    pub availability: Option<Fraction>,
    /// Service hours: only what is lost in them counts towards the availability.
    pub hours: Option<Hours>,
    /// Longest recovery, judged at the 95th percentile over incidents (RTO).
    pub recovery_time: Option<Seconds>,
    /// Most data lost, in time, judged at the 95th percentile over data-losing events (RPO).
    pub data_loss: Option<Seconds>,
}
