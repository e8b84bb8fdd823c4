//! Every table of a scenario.
//!
//! Documentation comments here are the texts of the reference and of the JSON Schema.

use super::choices::{
    BreakerPreset, DatabaseKind, FailbackChoice, Jitter, OverloadChoice, Reads, StoreChoice, Strategy, SwitchChoice,
    SymptomChoice,
};
use super::kinds::{AtLeastOne, FormatVersion, Name, Names, Positive, Raw, RawList, RawTable};
use super::laws::TimeToFailure;
use super::places::{RecordText, Requirements, Scopes, ZoneChoice};
use super::registry::table;
use super::timetable::{Clock, Days, Moment, Recurrence, Stages};
use super::unknowns::Span;
use crate::law::Law;
use crate::model::{CheckType, Decision, Effect, Stale};
use crate::units::{Fraction, Price, Rate, Seconds};

table! {
    /// A scenario file.
    Scenario in "" {
        /// Version of the format that the file is written in; what this program does not know is refused.
        optional format: FormatVersion;
        /// The question the scenario answers; shown above its result.
        optional question: String;
        /// Name in tables and charts; default: the name of the file.
        optional name: Name;
        /// A file whose tables are read as if they stood here; relative to this file.
        optional environment: Name;
        /// Length and counting of a simulated history.
        table simulation: Simulation;
        /// What clients ask for.
        table demand: Demand;
        /// What the owner wants; judged, never assumed.
        table objectives: Objectives;
        /// A region and its zones.
        named region: Region;
        /// A group of identical units.
        named tier: Tier;
        /// What a region needs to serve a request.
        named stack: Stack;
        /// A database and its copies.
        named database: Database;
        /// A managed or third-party service.
        named dependency: Dependency;
        /// How clients find a region.
        optional dns: Dns;
        /// A region that stands by until clients are sent there.
        named standby: Reserve;
        /// Where the sessions of users are kept.
        optional sessions: Sessions;
        /// Something that fails.
        named failure: Failure;
        /// Deployments or configuration pushes, some of which are bad.
        named change: Change;
        /// Planned downtime.
        named maintenance: Maintenance;
        /// Keys whose values are not known; what is drawn in an uncertainty analysis, and nothing else.
        list unknown: Unknown;
        /// What things cost; stating it, or the price of any thing, puts all of them on the bill.
        optional prices: Prices;
        /// What an optimisation may choose, by name.
        named space: Dimension;
    }
}

table! {
    /// What things cost, by the list of the provider where nothing else is stated. Storage and traffic are not on the bill.
    Prices in "prices" {
        /// In which currency all prices of the scenario are; the defaults are in US dollars.
        default currency: Name = "USD";
        /// A unit of a tier, running or standing by; default: that of a general-purpose instance, `catalog:price.ec2.m5_large`.
        optional unit: Price;
        /// A load balancer, one for each tier and region that have one; default: `catalog:price.alb`.
        optional load_balancer: Price;
        /// A node of a database; default: by kind, `catalog:price.rds.m5_large` or `catalog:price.aurora.r6g_large`.
        optional node: Price;
        /// A million writes to one region of a DynamoDB table; default: `catalog:price.dynamodb.writes`.
        optional million_writes: f64;
        /// A million reads of a DynamoDB table; default: `catalog:price.dynamodb.reads`.
        optional million_reads: f64;
        /// A DNS name with failover; default: `catalog:price.route53.zone`.
        optional zone: Price;
        /// The health check of one endpoint; default: `catalog:price.route53.health_check`.
        optional health_check: Price;
        /// What an hour without service costs the owner, in proportion where a part is served; default: not known.
        optional downtime: Price;
    }
}

table! {
    /// One thing that an optimisation chooses: the value of a key, or one of several options that change more than one key.
    Dimension in "space.NAME" {
        /// Path of the key, such as `dns.ttl`.
        optional key: Name;
        /// Values of the key.
        optional values: RawList;
        /// First value of a range: a count, a duration, a rate or a fraction.
        optional from: Raw;
        /// Last value of the range.
        optional to: Raw;
        /// Number of values in the range, evenly spaced, those of durations and rates by their ratio; default: all whole numbers in it.
        optional steps: AtLeastOne;
        /// Alternatives by name, instead of a key.
        named option: Alternative;
    }
}

table! {
    /// One of several alternatives.
    Alternative in "space.NAME.option.NAME" {
        /// Tables whose keys are added, or take the place of those of the scenario.
        optional with: RawTable;
        /// Paths of tables and keys that the scenario is then without.
        optional without: Names;
    }
}

table! {
    /// What is known about the value of a key: exactly one of `between`, `law`, or `events` with `exposure`.
    Unknown in "unknown" {
        /// Path of the key, such as `failure.zone.mttf`.
        required key: Name;
        /// Equally likely anywhere between two durations, rates, fractions or counts.
        optional between: Span;
        /// A duration that follows this law.
        optional law: Law;
        /// So many events were seen in `exposure`: the belief about their rate is Gamma(events + 1/2); the value is the mean time between them.
        optional events: u32;
        /// The time in which `events` were seen, summed over all places that were watched.
        optional exposure: Positive;
    }
}

table! {
    /// Length and counting of a simulated history.
    Simulation in "simulation" {
        /// Length of one replication, at most 1000 years.
        default horizon: Positive = "1y";
        /// Initial stretch that is simulated but not counted; shorter than the horizon.
        default warm_up: Seconds = "0s";
        /// An incident is a maximal interval with a served fraction below this.
        default up_threshold: Fraction = 0.99;
        /// Replications to run; the command line may override it.
        optional replications: u64;
    }
}

table! {
    /// What clients ask for.
    Demand in "demand" {
        /// Requests per second.
        assumed rate: Rate = "100/s", "no demand is stated; only capacity and counts of requests depend on it";
        /// Writes per second, for the count of lost writes; default: a tenth of `rate`.
        optional writes: Rate;
        /// Hours with another rate.
        list profile: Profile;
    }
}

table! {
    /// Hours in which the demand is a multiple of `rate`; where several hold, the last one does. A history begins on a Monday at 00:00.
    Profile in "demand.profile" {
        /// Multiple of `rate`; 0 for no demand at all.
        required factor: f64;
        /// Start of the hours on each of the days.
        default from: Clock = "00:00";
        /// End of the hours on each of the days.
        default to: Clock = "24:00";
        /// Days of the week: `"mon-fri"`, or a list.
        default days: Days = "mon-sun";
    }
}

table! {
    /// What the owner wants; judged, never assumed.
    Objectives in "objectives" {
        /// Least request availability.
        optional availability: Fraction;
        /// Service hours: only what is lost in them counts towards `availability`; default: always.
        optional hours: ServiceHours;
        /// Longest recovery (RTO), judged at the 95th percentile over incidents.
        optional recovery_time: Seconds;
        /// Most data lost in time (RPO), judged at the 95th percentile over data-losing events.
        optional data_loss: Seconds;
    }
}

table! {
    /// Hours in which the objective holds. A history begins on a Monday at 00:00.
    ServiceHours in "objectives.hours" {
        /// Start on each of the days.
        default from: Clock = "00:00";
        /// End on each of the days.
        default to: Clock = "24:00";
        /// Days of the week: `"mon-fri"`, or a list.
        default days: Days = "mon-sun";
    }
}

table! {
    /// A region and its zones.
    Region in "region.NAME" {
        /// Its zones; their order is the order in which units are dealt to them.
        required zones: Names;
        /// What it costs beside what runs in it; default: nothing.
        optional price: Price;
    }
}

table! {
    /// A group of identical units. Exactly one of `pool` and `auto_scaling` says how they are kept up.
    Tier in "tier.NAME" {
        /// Zones of its units: names, or a number for the first so many of each region; default: all.
        optional zones: ZoneChoice;
        /// Most requests one unit serves; default: any load.
        optional capacity: Rate;
        /// With fewer healthy units than this in a region the tier serves nothing there.
        default required: AtLeastOne = 1;
        /// Units that are repaired in place.
        optional pool: Pool;
        /// Units that are replaced.
        optional auto_scaling: AutoScaling;
        /// What units do that get more than they can bear: `"shed"`, serve what they can, or `"fail_checks"`, fail their checks.
        default overload: OverloadChoice = "shed";
        /// With `overload = "fail_checks"`: units fail their checks above this many times their capacity.
        default overload_limit: f64 = 1.0;
        /// How requests reach units; without it they always find the healthy ones.
        optional load_balancer: LoadBalancer;
        /// What one unit costs; default: `prices.unit`.
        optional price: Price;
    }
}

table! {
    /// Units that are repaired in place.
    Pool in "tier.NAME.pool" {
        /// Units per region.
        required units: AtLeastOne;
        /// Repairs that can run at once per region, first come first served; default: any number.
        optional crews: AtLeastOne;
        /// Time to replace a unit killed by a zone or region failure, from the end of that failure.
        default replacement: Law = "never";
        /// Machines beside the units that stand by to take their places.
        optional spares: Spares;
    }
}

table! {
    /// Machines that stand by to take the places of units that fail.
    Spares in "tier.NAME.pool.spares" {
        /// How many per region, dealt to the zones after the units.
        required count: AtLeastOne;
        /// Share of the active failure rate at which a spare at rest fails: 0 cold, 1 hot, between them warm.
        default dormant: Fraction = 0;
        /// From the failure of a unit until a spare serves in its place.
        default switch_over: Law = "0s";
        /// Probability that the switch-over works; otherwise the place waits for the repair of its unit.
        default coverage: Fraction = 1;
    }
}

table! {
    /// Units that are replaced, never repaired.
    AutoScaling in "tier.NAME.auto_scaling" {
        /// Fewest units per region; default: `desired`.
        optional min: u32;
        /// Units per region that the group holds.
        required desired: AtLeastOne;
        /// Most units per region; default: `desired`.
        optional max: u32;
        /// What the group takes as a reason to replace a unit: `"ec2"` or `"elb"`.
        catalog check: CheckType = "asg.check";
        /// Verdicts of the load balancer count only from this long after launch.
        catalog grace: Seconds = "asg.grace";
        /// How the group itself sees a dead instance, with `check = "ec2"`.
        table status_check: StatusCheck;
        /// From the verdict until the launch may start.
        default terminate: Law = "0s";
        /// From the launch request until the instance runs.
        catalog launch: Law = "ec2.launch";
        /// From running until the application answers.
        catalog boot: Law = "app.boot";
        /// Probability that a launch fails at its end for lack of capacity.
        default launch_failure: Fraction = 0;
        /// From a failed launch to the next attempt.
        default retry: Law = "60s";
    }
}

table! {
    /// How an auto scaling group itself sees a dead instance.
    StatusCheck in "tier.NAME.auto_scaling.status_check" {
        /// Time between checks of one instance.
        catalog interval: Positive = "ec2.status_check.interval";
        /// A check that hangs counts as failed after this.
        default timeout: Seconds = "5s";
        /// Failures in a row until an instance is dead.
        default unhealthy_threshold: AtLeastOne = 1;
        /// Successes in a row until an instance is alive.
        default healthy_threshold: AtLeastOne = 1;
        /// Whether the check sees a hang.
        default deep: bool = true;
        /// Time from the failure to the verdict, instead of the rule.
        optional detection: Law;
        /// Time from the restoration to the verdict, instead of the rule.
        optional recovery: Law;
    }
}

table! {
    /// A load balancer with a node in each zone of the tier.
    LoadBalancer in "tier.NAME.load_balancer" {
        /// Time between checks of one target.
        catalog interval: Positive = "alb.health_check.interval";
        /// A check that hangs counts as failed after this.
        catalog timeout: Seconds = "alb.health_check.timeout";
        /// Failures in a row until a target is out.
        catalog unhealthy_threshold: AtLeastOne = "alb.health_check.unhealthy_threshold";
        /// Successes in a row until a target is back; a new target needs one.
        catalog healthy_threshold: AtLeastOne = "alb.health_check.healthy_threshold";
        /// Whether the check sees a hang of the application.
        default deep: bool = true;
        /// Probability that one check of a healthy target fails; `unhealthy_threshold` of them in a row take it out.
        default false_positive: Fraction = 0;
        /// Time from the failure to the verdict, instead of the rule.
        optional detection: Law;
        /// Time from the restoration to the verdict, instead of the rule.
        optional recovery: Law;
        /// Whether a node reaches targets in all zones.
        catalog cross_zone: bool = "alb.cross_zone";
        /// Longest that clients keep the address of a node that was taken out.
        default zone_ttl: Seconds = "0s";
        /// How people move traffic away from a zone that is down or fails gray; default: they do not.
        optional zonal_shift: ZonalShift;
    }
}

table! {
    /// How people move traffic away from an impaired zone.
    ZonalShift in "tier.NAME.load_balancer.zonal_shift" {
        /// From the begin of the impairment until people know.
        required detection: Law;
        /// From then until they have decided and done it.
        default decision: Law = "0s";
        /// Longest time that it lasts; if the zone is impaired then, detection begins anew.
        default duration: Law = "never";
        /// From the end of the impairment until the traffic is moved back.
        default return_after: Law = "0s";
    }
}

table! {
    /// What a region needs to serve a request.
    Stack in "stack.NAME" {
        /// Regions it runs in; default: the only region.
        optional regions: Names;
        /// Tiers, databases and dependencies, all of which are needed.
        required requires: Requirements;
    }
}

table! {
    /// A database: a primary and perhaps a standby, a replica and backups, or equal nodes.
    Database in "database.NAME" {
        /// A product or a design whose defaults it takes: `"rds-multi-az"`, `"rds-cluster"`, `"aurora"`, `"aurora-global"`, `"dynamodb-global"`, `"dynamodb-global-strong"`, `"quorum"` or `"managed"`.
        optional kind: DatabaseKind;
        /// Zone of the first primary; needed unless the kind has none.
        optional primary: Name;
        /// From the failure of the serving node until it is noticed.
        default detection: Law = "0s";
        /// Longest that clients keep the old address after a recovery.
        default endpoint_ttl: Seconds = "0s";
        /// From the return of a node that lost its role or its data until it can take over again.
        default rebuild: Law = "0s";
        /// Whether reads are served while writes are not: `"survive"`, as long as some node has the data, or `"fail"`; default: by kind, else `"fail"`.
        optional reads: Reads;
        /// A synchronous copy in another zone of the region.
        optional standby: Standby;
        /// An asynchronous copy in any other zone.
        optional replica: AsynchronousReplica;
        /// From detection until a new node serves in the zone of a lost one that no copy can take over from, on storage that outlives nodes and zones; default: by kind, else there is no such storage.
        optional recreate: Law;
        /// The same in another zone, by hand, while that zone is down; needs `recreate`.
        optional recreate_elsewhere: Law;
        /// Restore points, for when no copy is left or the data are corrupt.
        optional backup: Backup;
        /// What one of its nodes costs; default: `prices.node`.
        optional price: Price;
        /// Zones of equal nodes, dealt round to them (`"quorum"`); default: all of the only region.
        optional zones: Names;
        /// Number of equal nodes; default: one a zone.
        optional nodes: AtLeastOne;
        /// Nodes that must be alive for a write; default: a majority.
        optional write_quorum: AtLeastOne;
        /// Nodes that must be alive for a read; default: a majority.
        optional read_quorum: AtLeastOne;
        /// Regions with a copy that serves the stack of its own region (`"dynamodb-global"`, `"dynamodb-global-strong"`).
        optional regions: Names;
        /// How much later than acknowledged a write reaches the other regions (`"dynamodb-global"`).
        optional lag: Law;
        /// Share of the writes that come back with a region that others have overtaken (`"dynamodb-global"`); default: 0.01, a guess.
        optional conflict_share: Fraction;
        /// The region it dies with (`"managed"`); default: none, it is global.
        optional region: Name;
        /// Share of the time that it answers (`"managed"`).
        optional availability: Fraction;
        /// Mean length of an outage, exponential (`"managed"`).
        optional mean_outage: Positive;
    }
}

table! {
    /// A synchronous copy: failing over to it loses nothing.
    Standby in "database.NAME.standby" {
        /// Where it starts.
        required zone: Name;
        /// Where a second one starts, which is like the first in all else; default: there is none.
        optional second_zone: Name;
        /// From detection until the failover is decided.
        default decision: Decision = "0s";
        /// From the decision until the copy serves.
        catalog promotion: Law = "rds.multi_az.failover";
        /// Probability that the automatic failover works.
        catalog coverage: Fraction = "rds.multi_az.coverage";
        /// From detection until service by hand, where the automatic failover does not work.
        assumed manual: Decision = "30m", "time for people to fail over by hand; no public number was found";
        /// How it breaks without anybody noticing.
        optional broken: Broken;
    }
}

table! {
    /// An asynchronous copy: failing over to it loses the replication lag.
    AsynchronousReplica in "database.NAME.replica" {
        /// Where it starts.
        required zone: Name;
        /// From detection until the failover is decided.
        default decision: Decision = "0s";
        /// From the decision until the copy serves.
        catalog promotion: Law = "aurora.global.promotion";
        /// Probability that the automatic failover works.
        default coverage: Fraction = 1;
        /// From detection until service by hand, where the automatic failover does not work.
        assumed manual: Decision = "30m", "time for people to fail over by hand; no public number was found";
        /// How it breaks without anybody noticing.
        optional broken: Broken;
        /// Replication lag at a random instant.
        catalog lag: Law = "rds.cross_region.lag";
        /// From the return of the first primary until the roles are switched back.
        default failback: Law = "never";
        /// What that may break.
        optional failback_risk: FailbackRisk;
    }
}

table! {
    /// Restore points of a database.
    Backup in "database.NAME.backup" {
        /// Time between usable restore points.
        catalog interval: Positive = "rds.backup.interval";
        /// With logs kept between them, any of further restore points this far apart.
        optional point_in_time: Positive;
        /// How long restore points are kept; default: for ever.
        optional retention: Positive;
        /// From detection until the restore is started.
        default decision: Decision = "0s";
        /// From the start of the restore until the database serves.
        catalog restore: Law = "rds.backup.restore";
    }
}

table! {
    /// A managed or third-party service.
    Dependency in "dependency.NAME" {
        /// The region it dies with; default: none, it is global.
        optional region: Name;
        /// Share of the requests that call it which fails without an answer; 1 for a hard dependency.
        default cost: Fraction = 1;
        /// Who calls it, and how long they wait.
        optional client: Client;
        /// How a failed call is repeated.
        optional retry: Retry;
        /// What spares callers a dependency that fails.
        optional breaker: Breaker;
        /// What it does under more load than it can take; default: it takes any load.
        optional overload: Overload;
        /// What it costs; default: nothing.
        optional price: Price;
    }
}

table! {
    /// The callers of a dependency, all together.
    Client in "dependency.NAME.client" {
        /// Share of the requests that call it.
        default share: Fraction = 1;
        /// Calls per second while nothing fails; default: `share` of the demand.
        optional calls: Rate;
        /// A call without an answer is given up after this; default: that of the breaker's preset, else 5 s.
        optional timeout: Positive;
        /// Requests that callers can have in hand at once (threads, connections); default: any number.
        optional pool: AtLeastOne;
    }
}

table! {
    /// How a failed call is repeated.
    Retry in "dependency.NAME.retry" {
        /// Attempts in all, with the first one.
        required attempts: AtLeastOne;
        /// Wait before the second attempt.
        default backoff: Seconds = "0s";
        /// Each further wait is this times the one before.
        default factor: f64 = 1;
        /// Longest wait; default: none.
        optional longest: Seconds;
        /// `"none"`, `"full"` (uniform on (0, wait), half of it on average) or `"equal"` (uniform on (wait / 2, wait), three quarters of it).
        default jitter: Jitter = "none";
    }
}

table! {
    /// A circuit breaker. Either `failure_threshold`, or `failure_share` of a window, opens it.
    Breaker in "dependency.NAME.breaker" {
        /// Values of what is not stated: `"lesson"`, `"resilience4j"`, `"polly"` or `"hystrix"`.
        default preset: BreakerPreset = "lesson";
        /// Failed calls in a row that open it.
        optional failure_threshold: AtLeastOne;
        /// Share of failed calls in the window that opens it, above 0.
        optional failure_share: Fraction;
        /// Length of the window as a time.
        optional window: Positive;
        /// Length of the window as a number of calls.
        optional window_calls: AtLeastOne;
        /// Calls in a window of time below which it does not open; default: that of the preset, else 1.
        optional minimum_calls: AtLeastOne;
        /// From its opening until calls are let through for trial.
        optional reset_timeout: Positive;
        /// Trial calls, all of which must succeed to close it.
        optional half_open: AtLeastOne;
        /// Share of the requests it refuses that is served by other means (a cache, a default).
        default fallback: Fraction = 0;
        /// Number of breakers that the calls are spread over, one in each caller.
        default callers: AtLeastOne = 1;
    }
}

table! {
    /// What a dependency does under more load than it can take.
    Overload in "dependency.NAME.overload" {
        /// Calls it can take.
        required capacity: Rate;
        /// Share of its capacity that it still turns into answers when it gets more; 1 sheds what is too much, 0 answers everything too late.
        assumed goodput: Fraction = 0, "an overloaded service without load shedding answers after the callers have given up";
        /// From the end of what brought an overload about until people take the load off, if it goes on by itself.
        assumed intervention: Law = "30m", "time for people to take load off by hand; no public number was found";
    }
}

table! {
    /// Where the sessions of users are kept.
    Sessions in "sessions" {
        /// `"external"`: in a dependency or a database, which units share. `"instance"`: in the units of a tier.
        required store: StoreChoice;
        /// The dependency that is the external store.
        optional dependency: Name;
        /// The database that is the external store, instead.
        optional database: Name;
        /// Copies of the sessions beside the first in a dependency; without any, a failure that does not hang loses them all.
        default replicas: u32 = 1;
        /// The tier whose units hold sessions.
        optional tier: Name;
        /// Users logged in at once.
        optional concurrent: f64;
        /// Users logged in at once on each unit of a tier that takes traffic at the start.
        optional per_unit: f64;
    }
}

table! {
    /// How clients find a region; needed with several.
    Dns in "dns" {
        /// What the name answers: `{ failover = [...] }`, `{ weighted = { ... } }` or `{ latency = { ... } }`.
        required record: RecordText;
        /// How long an answer may be kept.
        catalog ttl: Positive = "route53.ttl";
        /// How endpoints are checked; without it the answer never changes.
        optional health_check: EndpointCheck;
        /// From detection until the change is decided.
        default decision: Decision = "0s";
        /// Probability that the automatic change works.
        default coverage: Fraction = 1;
        /// From detection to the change by hand, where the automatic one does not work.
        assumed manual: Decision = "30m", "time for people to change a record by hand; no public number was found";
        /// From the decision until the new answer is served.
        default publish: Law = "0s";
        /// When a failed endpoint is healthy again: `"automatic"`, `"manual"` or `"never"`.
        default failback: FailbackChoice = "automatic";
        /// How long an endpoint must have been healthy before an automatic failback.
        default stability: Law = "0s";
        /// From a healthy endpoint to a manual failback; needed with `failback = "manual"`.
        optional failback_after: Law;
        /// What a failback itself may break.
        optional failback_risk: FailbackRisk;
        /// Number of resolvers that ask, for the count of queries.
        optional resolvers: f64;
        /// Price per million queries; default: `catalog:price.route53.queries`, where anything has a price.
        optional price_per_million: f64;
        /// Groups of clients that treat an answer alike; default: all honour the TTL.
        list cohort: Cohort;
    }
}

table! {
    /// How DNS checks endpoints.
    EndpointCheck in "dns.health_check" {
        /// Time between checks of one endpoint.
        catalog interval: Positive = "route53.health_check.interval";
        /// A check that hangs counts as failed after this.
        catalog timeout: Seconds = "route53.health_check.timeout";
        /// Failures in a row until an endpoint is failing.
        catalog unhealthy_threshold: AtLeastOne = "route53.health_check.threshold";
        /// Successes in a row until an endpoint is healthy.
        catalog healthy_threshold: AtLeastOne = "route53.health_check.threshold";
        /// Whether the check sees everything the region serves, or only the region and its zones.
        default deep: bool = true;
        /// Probability that one check of a healthy endpoint fails; `unhealthy_threshold` of them in a row find it failing.
        default false_positive: Fraction = 0;
        /// Checkers of each endpoint, each at its own phase; Route 53 has about 15.
        default checkers: AtLeastOne = 1;
        /// An endpoint is healthy while more than this share of its checkers say so.
        catalog healthy_share: Fraction = "route53.health_check.healthy_share";
        /// Time from the failure to the verdict, instead of the rule.
        optional detection: Law;
        /// Time from the restoration to the verdict, instead of the rule.
        optional recovery: Law;
    }
}

table! {
    /// Clients that treat a DNS answer alike. What the shares leave of 1 honours the TTL.
    Cohort in "dns.cohort" {
        /// Name in reports.
        required name: Name;
        /// Share of the demand.
        required share: Fraction;
        /// They keep an answer for at least this long.
        optional min_ttl: Seconds;
        /// They keep a connection, and with it the address, for at least this long.
        optional pool_lifetime: Seconds;
        /// They keep an expired answer for this extra time, fixed or exponential.
        optional stale: Stale;
        /// They ask again only when restarted: exponential with this mean, from the end of the TTL.
        optional restart: Positive;
    }
}

table! {
    /// A region that stands by until clients are sent there.
    Reserve in "standby.REGION" {
        /// What is kept there: `"backup-and-restore"`, `"pilot-light"`, `"warm-standby"`, `"hot-standby"` or `"active-active"`.
        required strategy: Strategy;
        /// Share of its units that run while it stands by; needed with `"warm-standby"`, else given by the strategy.
        optional share: Fraction;
        /// From the decision to use it until infrastructure and data are there; default: by strategy.
        optional provision: Law;
        /// From then until all units run; default: by strategy.
        optional scale_up: Law;
        /// From the end of its use until it stands by again.
        assumed scale_down: Law = "1h", "time for which a standby runs on after a failback; no public number was found";
        /// When clients are sent there: `"when-ready"` or `"at-once"`.
        default switch: SwitchChoice = "when-ready";
        /// How it breaks without anybody noticing.
        optional broken: Broken;
    }
}

table! {
    /// Something that stands by and breaks without anybody noticing.
    Broken in "standby.REGION.broken" {
        /// Mean time until it is broken, exponential, from the last time it was known to work.
        required mttf: Positive;
        /// Time between exercises, each of which leaves it working; default: never exercised.
        optional exercise: Positive;
        /// What it takes to mend it when it is needed.
        required fix: Law;
    }
}

table! {
    /// What a failback itself may break.
    FailbackRisk in "dns.failback_risk" {
        /// Probability that a failback takes the service down.
        required probability: Fraction;
        /// How long it is then down.
        required recover: Law;
    }
}

table! {
    /// Something that fails: up for a time to failure, then down for a repair.
    Failure in "failure.NAME" {
        /// What it takes down, e.g. `"unit:web"` or `"zone"`; a list for several of one kind.
        required scope: Scopes;
        /// Time to failure, from the last restoration; a plain duration is the mean of an exponential law, `"6/y"` and `{ per_year = 6 }` are rates.
        required mttf: TimeToFailure;
        /// How long each thing that it covers has been up when a history begins; default: it is new.
        optional age: Law;
        /// Time until the cause is gone; not needed for units of an auto scaling group, which are replaced.
        optional repair: Law;
        /// From a corruption until it is found; needed with `effect = "corrupt"`.
        optional detection: Law;
        /// `"mask"`: what it covers is back when it ends. `"kill"`: it is lost (zones, regions and databases). `"corrupt"`: every copy holds wrong data (databases).
        default effect: Effect = "mask";
        /// How a failed unit looks: `"instance"`, `"crash"`, `"hang"` or `"gray"`. A dependency that hangs lets calls wait for their timeout.
        default symptom: SymptomChoice = "instance";
        /// Share of its calls that a dependency fails meanwhile (default: all), or of its requests that a unit with the symptom `"gray"` fails.
        optional error: Fraction;
        /// Whether a deep check sees a unit with the symptom `"gray"`; default: no check does.
        optional seen: bool;
    }
}

table! {
    /// Deployments or configuration pushes: a bad one takes down what its stages have reached until it is rolled back.
    Change in "change.NAME" {
        /// What is changed: `"tier:NAME"`, `"database:NAME"`, `"region"`, `"region:NAME"` or `"global"`.
        required touches: Scopes;
        /// From the start of one change to the start of the next; a plain duration is fixed, `"3/7d"` is a rate.
        required every: Recurrence;
        /// Probability that a change is bad.
        catalog failure: Fraction = "deploy.failure";
        /// How far it reaches, stage after stage: of `"unit"`, `"zone"`, `"region"` and `"all"`, in this order.
        default stages: Stages = ["all"];
        /// From the start of a stage to the start of the next.
        default bake: Law = "0s";
        /// From the start of the first stage of a bad change until it is noticed, which stops it.
        default detection: Law = "0s";
        /// From then, until everything that was reached is back.
        catalog rollback: Law = "deploy.recovery";
        /// Whether the rollback waits for the control planes of the regions it touches.
        default rollback_needs_control_plane: bool = false;
        /// How the units of a bad change look, where it touches a tier; see `failure`.
        default symptom: SymptomChoice = "crash";
        /// Share of its requests that a unit with the symptom `"gray"` fails; needed with it.
        optional error: Fraction;
    }
}

table! {
    /// Planned downtime at fixed times. A history begins on a Monday at 00:00.
    Maintenance in "maintenance.NAME" {
        /// What is down, all of it at once; as in `failure`, but not single units.
        required scope: Scopes;
        /// Start of the first window: `"sun 03:00"`, or a time alone for Monday.
        required at: Moment;
        /// From the start of one window to the start of the next.
        default every: Positive = "7d";
        /// Length of a window.
        required duration: Law;
        /// Whether the window is planned downtime, in which nothing counts.
        default excluded: bool = true;
    }
}
