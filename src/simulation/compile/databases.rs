//! Databases: nodes and their places, and how they fail over or agree.

use super::Compiler;
use crate::law::Law;
use crate::mechanism::database::backup::BackupPlan;
use crate::mechanism::database::failover::{FailoverPlan, StoragePlan, TakeOver};
use crate::mechanism::database::quorum::{QuorumPlan, Site};
use crate::mechanism::database::{DatabaseKeys, DatabasePlan};
use crate::mechanism::latent::LatentPlan;
use crate::model::{Database, Effect, Nodes, Quorum, Replica, Scope};

impl Compiler<'_> {
    pub(super) fn database(&self, index: usize, component: u32) -> DatabasePlan {
        let database = &self.design.databases[index];
        let backup = database.backup.as_ref().map(|backup| BackupPlan {
            spacing: backup.interval.0,
            retention: backup.retention.map_or(f64::INFINITY, |retention| retention.0),
            decision: backup.decision.clone(),
            restore: backup.restore.clone(),
        });
        let corruptions = (self.design.failures.iter().enumerate())
            .filter(|(_, mode)| mode.scope == Scope::Node(index) && mode.effect == Effect::Corrupt)
            .map(|(bit, mode)| (1 << bit, mode.repair.clone()))
            .collect();
        match &database.quorum {
            Some(quorum) => DatabasePlan::Quorum(QuorumPlan {
                component,
                users: self.users[index],
                sites: sites(&quorum.nodes),
                write: quorum.write as usize,
                read: quorum.read as usize,
                regional: matches!(quorum.nodes, Nodes::Regions(_)),
                rebuild: database.rebuild.clone(),
                lag: quorum.lag.clone(),
                conflict_share: quorum.conflict_share.get(),
                backup,
                corruptions,
                writes: self.design.demand.writes.0,
                keys: DatabaseKeys::new(&database.name),
            }),
            None => DatabasePlan::Failover(self.failover(index, component, backup, corruptions)),
        }
    }

    fn failover(
        &self,
        index: usize,
        component: u32,
        backup: Option<BackupPlan>,
        corruptions: Vec<(u64, Law)>,
    ) -> FailoverPlan {
        let database = &self.design.databases[index];
        let take_over = |copy: &Replica| TakeOver {
            decision: copy.decision.clone(),
            promotion: copy.promotion.clone(),
            coverage: copy.coverage.get(),
            manual: copy.manual.clone(),
            latent: copy.broken.as_ref().map(LatentPlan::new),
        };
        let in_region = |region| (0..self.region_of.len()).filter(|z| self.region_of[*z] == region).collect();
        let nodes = named_nodes(database);
        FailoverPlan {
            component,
            users: self.users[index],
            standbys: nodes.iter().filter(|(role, _)| role.contains("standby")).count(),
            zones: nodes.into_iter().map(|(_, zone)| zone).collect(),
            detection: database.detection.clone(),
            endpoint_ttl: database.endpoint_ttl.0,
            rebuild: database.rebuild.clone(),
            reads_survive: database.reads_survive,
            standby: database.standby.as_ref().map(take_over),
            replica: database.replica.as_ref().map(take_over),
            lag: database.replica.as_ref().map_or(Law::Fixed(0.0), |r| r.lag.clone()),
            failback: database.replica.as_ref().and_then(|r| r.failback.clone()),
            failback_risk: (database.replica.as_ref().and_then(|r| r.failback_risk.as_ref()))
                .map(|risk| (risk.probability.get(), risk.recover.clone())),
            storage: database.storage.as_ref().map(|storage| StoragePlan {
                recreate: storage.recreate.clone(),
                elsewhere: storage.elsewhere.clone(),
            }),
            backup,
            corruptions,
            zones_of_region: (0..self.design.regions.len()).map(in_region).collect(),
            writes: self.design.demand.writes.0,
            keys: DatabaseKeys::new(&database.name),
        }
    }

    /// A name for each of equal nodes.
    pub(super) fn quorum_nodes(&self, quorum: &Quorum) -> Vec<String> {
        match &quorum.nodes {
            Nodes::Regions(regions) => regions.iter().map(|region| self.design.regions[*region].name.clone()).collect(),
            nodes => (1..=sites(nodes).len()).map(|number| format!("node-{number}")).collect(),
        }
    }
}

/// Role and zone of each node of a database with a primary.
pub(super) fn named_nodes(database: &Database) -> Vec<(&'static str, usize)> {
    let copies = [
        ("standby", database.standby.as_ref().map(|copy| copy.zone)),
        ("second-standby", database.second_standby),
        ("replica", database.replica.as_ref().map(|copy| copy.zone)),
    ];
    let there = copies.into_iter().filter_map(|(role, zone)| Some((role, zone?)));
    std::iter::once(("primary", database.primary)).chain(there).collect()
}

pub(super) fn sites(nodes: &Nodes) -> Vec<Site> {
    match nodes {
        Nodes::Zones(zones) => zones.iter().map(|zone| Site::Zone(*zone)).collect(),
        Nodes::Regions(regions) => regions.iter().map(|region| Site::Region(*region)).collect(),
        Nodes::Region(region) => vec![Site::Region(*region)],
        Nodes::Anywhere => vec![Site::Anywhere],
    }
}
