//! Databases: nodes, who serves, and what is under way to make another one serve.

use crate::world::{Happening, Id, Place, World};
use ridethrough::model::{Replica, Scope, ZoneId};

/// What a database is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    /// The serving node serves.
    Serving,
    /// Its failure is not noticed yet.
    Detecting,
    /// A failover to this node is being decided.
    Deciding(usize),
    /// A failover to this node by hand.
    ByHand(usize),
    /// The promotion of this node waits for the control plane.
    Held(usize),
    /// It does at the end of a failover by hand.
    HeldByHand(usize),
    /// This node is being promoted.
    Promoting(usize),
    /// No node can serve.
    Waiting,
    /// The backup is being restored.
    Restoring,
}

/// A node of a database.
struct Node {
    zone: ZoneId,
    /// It holds the data.
    data: bool,
    /// It can take over: it did not lose its role, or was rebuilt since.
    ready: bool,
    /// As a copy it loses nothing.
    synchronous: bool,
    rebuild: Option<Id>,
}

/// A database. Node 0 is the first primary, then the standby and the replica, where they exist.
pub struct Store {
    nodes: Vec<Node>,
    /// Which node is the asynchronous replica.
    replica: Option<usize>,
    serving: usize,
    step: Step,
    timer: Option<Id>,
    /// When the serving node failed.
    failed_at: f64,
    /// Age of the last restore point when the serving node failed.
    backup_age: f64,
    /// Restore points lie at this and every interval later.
    backup_phase: f64,
    failback: Option<Id>,
    failback_due: bool,
    /// Clients look for the serving node at its place from then on.
    followed_from: f64,
}

impl World<'_> {
    /// Sets up a database, all nodes fresh.
    pub fn add_store(&mut self, id: usize) {
        let design = self.design;
        let facts = &design.databases[id];
        let node = |zone, synchronous| Node { zone, data: true, ready: true, synchronous, rebuild: None };
        let mut nodes = vec![node(facts.primary, true)];
        if let Some(standby) = &facts.standby {
            nodes.push(node(standby.zone, true));
        }
        let mut replica = None;
        if let Some(copy) = &facts.replica {
            replica = Some(nodes.len());
            nodes.push(node(copy.zone, false));
        }
        let interval = facts.backup.as_ref().map_or(0.0, |it| it.interval.get());
        let backup_phase = self.random.uniform() * interval;
        let count = nodes.len();
        self.stores.push(Store {
            nodes,
            replica,
            serving: 0,
            step: Step::Serving,
            timer: None,
            failed_at: 0.0,
            backup_age: 0.0,
            backup_phase,
            failback: None,
            failback_due: false,
            followed_from: 0.0,
        });
        for node in 0..count {
            self.begin_node(id, node);
        }
    }

    fn begin_node(&mut self, id: usize, node: usize) {
        for mode in 0..self.design.failures.len() {
            if self.design.failures[mode].scope == Scope::Node(id) {
                self.begin_process(mode, Place::Node(id, node));
            }
        }
    }

    /// Whether a node runs, with data or without.
    fn node_runs(&self, id: usize, node: usize) -> bool {
        !self.holds(Place::Node(id, node)) && !self.zone_down(self.stores[id].nodes[node].zone)
    }

    fn alive(&self, id: usize, node: usize) -> bool {
        self.node_runs(id, node) && self.stores[id].nodes[node].data
    }

    /// Whether a node could take over.
    fn fit(&self, id: usize, node: usize) -> bool {
        self.alive(id, node) && self.stores[id].nodes[node].ready
    }

    /// The nodes in a zone lose their data.
    pub fn kill_nodes(&mut self, zone: ZoneId) {
        for id in 0..self.stores.len() {
            for node in 0..self.stores[id].nodes.len() {
                if self.stores[id].nodes[node].zone == zone {
                    self.lose_data(id, node);
                }
            }
        }
    }

    /// A node loses its data.
    pub fn lose_data(&mut self, id: usize, node: usize) {
        let node = &mut self.stores[id].nodes[node];
        node.data = false;
        node.ready = false;
        let timer = node.rebuild.take();
        self.cancel(timer);
    }

    /// The database looks around.
    pub fn react_store(&mut self, id: usize) {
        self.react_rebuilds(id);
        loop {
            let before = self.stores[id].step;
            self.react_step(id, before);
            if self.stores[id].step == before {
                break;
            }
        }
        self.react_failback(id);
    }

    fn react_rebuilds(&mut self, id: usize) {
        let design = self.design;
        let facts = &design.databases[id];
        for nth in 0..self.stores[id].nodes.len() {
            let runs = self.node_runs(id, nth);
            let node = &self.stores[id].nodes[nth];
            let serving = self.stores[id].serving;
            let wanted = runs && !node.ready && nth != serving && self.alive(id, serving);
            match (wanted, node.rebuild) {
                (true, None) => {
                    let time = self.now + self.draw(&facts.rebuild);
                    let what = Happening::Rebuild(id, nth);
                    let timer = self.schedule(time, &facts.name, nth as Id, what);
                    self.stores[id].nodes[nth].rebuild = Some(timer);
                }
                (false, Some(timer)) => {
                    self.cancel(Some(timer));
                    self.stores[id].nodes[nth].rebuild = None;
                }
                _ => {}
            }
        }
    }

    /// A node holds the data again and can take over.
    pub fn rebuilt(&mut self, id: usize, node: usize) {
        let node = &mut self.stores[id].nodes[node];
        node.rebuild = None;
        node.data = true;
        node.ready = true;
    }

    fn set_step(&mut self, id: usize, step: Step, delay: f64) {
        let timer = self.stores[id].timer.take();
        self.cancel(timer);
        let name = self.design.databases[id].name.clone();
        let timer = self.schedule(self.now + delay, &name, 0, Happening::Database(id));
        self.stores[id].step = step;
        self.stores[id].timer = Some(timer);
    }

    fn react_step(&mut self, id: usize, step: Step) {
        let design = self.design;
        let facts = &design.databases[id];
        let back = self.alive(id, self.stores[id].serving);
        match step {
            Step::Serving if !back => {
                let delay = self.draw(&facts.detection);
                let interval = facts.backup.as_ref().map_or(0.0, |it| it.interval.get());
                let since = self.now - self.stores[id].backup_phase;
                self.stores[id].backup_age = if interval > 0.0 { since.rem_euclid(interval) } else { 0.0 };
                self.stores[id].failed_at = self.now;
                self.set_step(id, Step::Detecting, delay);
            }
            Step::Detecting | Step::Deciding(_) | Step::ByHand(_) | Step::Held(_) | Step::HeldByHand(_) if back => {
                self.set_step(id, Step::Serving, f64::INFINITY);
            }
            Step::Deciding(copy)
            | Step::ByHand(copy)
            | Step::Held(copy)
            | Step::HeldByHand(copy)
            | Step::Promoting(copy)
                if !self.fit(id, copy) =>
            {
                self.search(id);
            }
            Step::Held(copy) => self.try_promotion(id, copy),
            Step::HeldByHand(copy) => self.try_take_over(id, copy),
            Step::Waiting => self.search(id),
            Step::Restoring if !self.can_restore(id) || self.best_copy(id).is_some() => self.search(id),
            _ => {}
        }
    }

    /// The region of the node that serves or served.
    fn home(&self, id: usize) -> usize {
        let store = &self.stores[id];
        self.design.zones[store.nodes[store.serving].zone].region
    }

    /// The settings by which a node is promoted.
    fn settings(&self, id: usize, node: usize) -> Replica {
        let facts = &self.design.databases[id];
        let of = if self.stores[id].nodes[node].synchronous {
            facts.standby.as_ref().or(facts.replica.as_ref())
        } else {
            facts.replica.as_ref()
        };
        of.expect("a copy has settings").clone()
    }

    /// The copy that would take over.
    fn best_copy(&self, id: usize) -> Option<usize> {
        let serving = self.stores[id].serving;
        let fit: Vec<usize> =
            (0..self.stores[id].nodes.len()).filter(|&node| node != serving && self.fit(id, node)).collect();
        let synchronous = |node: &usize| self.stores[id].nodes[*node].synchronous;
        fit.iter().copied().find(synchronous).or(fit.first().copied())
    }

    /// A zone of the home region is up.
    fn can_restore(&self, id: usize) -> bool {
        let home = self.home(id);
        (0..self.design.zones.len()).any(|zone| self.design.zones[zone].region == home && !self.zone_down(zone))
    }

    /// All but this node have data that are not those of this node.
    fn must_be_rebuilt(&mut self, id: usize, but: usize) {
        for (nth, node) in self.stores[id].nodes.iter_mut().enumerate() {
            node.ready &= nth == but;
        }
    }

    /// Looks for a node to serve.
    fn search(&mut self, id: usize) {
        let design = self.design;
        let facts = &design.databases[id];
        let serving = self.stores[id].serving;
        if self.alive(id, serving) {
            self.set_step(id, Step::Serving, f64::INFINITY);
            return;
        }
        if let Some(copy) = self.best_copy(id) {
            let settings = self.settings(id, copy);
            if self.random.chance(settings.coverage.get()) {
                let delay = self.decide(&settings.decision);
                self.set_step(id, Step::Deciding(copy), delay);
            } else {
                let delay = self.decide(&settings.manual);
                self.set_step(id, Step::ByHand(copy), delay);
            }
            return;
        }
        if let Some(backup) = &facts.backup
            && !self.stores[id].nodes[serving].data
            && self.can_restore(id)
        {
            let delay = self.decide(&backup.decision) + self.draw(&backup.restore);
            self.set_step(id, Step::Restoring, delay);
            return;
        }
        self.set_step(id, Step::Waiting, f64::INFINITY);
    }

    fn try_promotion(&mut self, id: usize, copy: usize) {
        let region = self.design.zones[self.stores[id].nodes[copy].zone].region;
        if self.control_plane_up(region) {
            let promotion = self.settings(id, copy).promotion;
            let delay = self.draw(&promotion);
            self.set_step(id, Step::Promoting(copy), delay);
        }
    }

    fn try_take_over(&mut self, id: usize, copy: usize) {
        let region = self.design.zones[self.stores[id].nodes[copy].zone].region;
        if self.control_plane_up(region) {
            self.take_over(id, copy);
        }
    }

    /// The step that a database is in ends.
    pub fn database_step_ends(&mut self, id: usize) {
        match self.stores[id].step {
            Step::Detecting => self.search(id),
            Step::Deciding(copy) => {
                self.set_step(id, Step::Held(copy), f64::INFINITY);
                self.try_promotion(id, copy);
            }
            Step::ByHand(copy) => {
                self.set_step(id, Step::HeldByHand(copy), f64::INFINITY);
                self.try_take_over(id, copy);
            }
            Step::Promoting(copy) => self.take_over(id, copy),
            Step::Restoring => self.restored(id),
            Step::Serving | Step::Held(_) | Step::HeldByHand(_) | Step::Waiting => {}
        }
    }

    fn lose_writes(&mut self, id: usize, age: f64) {
        if age > 0.0 && self.stores[id].failed_at >= self.design.warm_up.get() {
            let writes = age * self.design.demand.writes.get();
            self.record.losses.push((age, writes));
        }
    }

    /// A copy becomes the serving node; clients follow.
    fn take_over(&mut self, id: usize, copy: usize) {
        if !self.stores[id].nodes[copy].synchronous {
            let lag = self.settings(id, copy).lag;
            let age = self.draw(&lag);
            self.lose_writes(id, age);
        }
        let old = self.stores[id].serving;
        self.stores[id].nodes[old].ready = false;
        if !self.stores[id].nodes[copy].synchronous {
            self.must_be_rebuilt(id, copy);
        }
        self.change_roles(id, copy);
        self.clients_follow(id);
    }

    /// Another node serves, or a new one: clients look for it at the old address for a while.
    fn clients_follow(&mut self, id: usize) {
        let ttl = self.design.databases[id].endpoint_ttl.get();
        let followed = self.now + self.random.uniform() * ttl;
        self.stores[id].followed_from = followed;
        let name = self.design.databases[id].name.clone();
        self.schedule(followed, &name, 0, Happening::Wake);
        self.set_step(id, Step::Serving, f64::INFINITY);
    }

    /// Between the replica and all others data are copied later, whichever of them serves.
    fn change_roles(&mut self, id: usize, serving: usize) {
        let store = &mut self.stores[id];
        store.serving = serving;
        for (nth, node) in store.nodes.iter_mut().enumerate() {
            node.synchronous = Some(nth) != store.replica && Some(serving) != store.replica;
        }
    }

    /// The backup is restored in the home region: in the node's own zone, or in the first one that is up.
    fn restored(&mut self, id: usize) {
        let serving = self.stores[id].serving;
        let home = self.home(id);
        let own = self.stores[id].nodes[serving].zone;
        if self.zone_down(own) || self.design.zones[own].region != home {
            let other = (0..self.design.zones.len())
                .find(|&zone| self.design.zones[zone].region == home && !self.zone_down(zone));
            let Some(other) = other else {
                self.set_step(id, Step::Waiting, f64::INFINITY);
                return;
            };
            self.stores[id].nodes[serving].zone = other;
        }
        self.end_processes(Place::Node(id, serving));
        self.begin_node(id, serving);
        let store = &mut self.stores[id];
        store.nodes[serving].data = true;
        store.nodes[serving].ready = true;
        self.must_be_rebuilt(id, serving);
        let store = &self.stores[id];
        let age = store.backup_age;
        self.lose_writes(id, age);
        self.change_roles(id, serving);
        self.clients_follow(id);
    }

    fn react_failback(&mut self, id: usize) {
        let design = self.design;
        let facts = &design.databases[id];
        let law = facts.replica.as_ref().and_then(|it| it.failback.as_ref());
        let Some(law) = law else {
            return;
        };
        let store = &self.stores[id];
        let wanted = Some(store.serving) == store.replica && self.fit(id, 0);
        match (wanted, store.failback) {
            (true, None) => {
                let time = self.now + self.draw(law);
                let timer = self.schedule(time, &facts.name, 0, Happening::Failback(id));
                self.stores[id].failback = Some(timer);
            }
            (false, Some(timer)) => {
                self.cancel(Some(timer));
                self.stores[id].failback = None;
                self.stores[id].failback_due = false;
            }
            _ => {}
        }
        if self.stores[id].failback_due && self.stores[id].step == Step::Serving {
            self.stores[id].failback_due = false;
            self.stores[id].failback = None;
            self.change_roles(id, 0);
            // Without interruption: clients follow at once.
            self.stores[id].followed_from = self.now;
        }
    }

    /// The roles are to return as soon as the database serves.
    pub fn failback_due(&mut self, id: usize) {
        self.stores[id].failback_due = true;
    }

    /// Whether a database serves.
    pub fn store_serves(&self, id: usize) -> bool {
        let store = &self.stores[id];
        store.step == Step::Serving && self.now >= store.followed_from
    }
}
