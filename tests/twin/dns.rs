//! DNS: endpoints, what the name answers, and where the clients are that asked a while ago.

use crate::served::average;
use crate::world::{Happening, Id, World};
use ridethrough::model::{Cohort, Dns, Failback, Record, RegionId, Routing, Stale};

/// A change of the answer that is under way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// None.
    None,
    /// It is being decided and published.
    Coming(Id),
    /// It waits for the global control plane.
    Held,
}

/// A region as the name sees it.
struct Endpoint {
    region: RegionId,
    /// The check takes it for failing.
    seen_failing: bool,
    /// The check is about to change its mind, or to notice that it failed again; and whether to failing.
    probe: Option<(Id, bool)>,
    /// Its removal from the answer.
    removal: Change,
    /// Its return into the answer.
    recall: Change,
    /// Not in the answer.
    out: bool,
}

/// The name that clients resolve.
pub struct Name {
    endpoints: Vec<Endpoint>,
    /// The region that a failover record names.
    named: usize,
    /// From when on clients that ask were told which endpoint with which weight.
    pub answers: Vec<(f64, Vec<f64>)>,
}

/// The weights in a record, by endpoint.
fn weights(record: &Record) -> Vec<(RegionId, f64)> {
    match record {
        Record::Failover(order) => order.iter().map(|&region| (region, 1.0)).collect(),
        Record::Weighted(weighted) => weighted.clone(),
        Record::Latency(populations) => populations[0].prefers.iter().map(|&region| (region, 1.0)).collect(),
    }
}

impl Name {
    /// All endpoints healthy.
    pub fn new(dns: &Dns) -> Name {
        let endpoints: Vec<Endpoint> = weights(&dns.record)
            .into_iter()
            .map(|(region, _)| Endpoint {
                region,
                seen_failing: false,
                probe: None,
                removal: Change::None,
                recall: Change::None,
                out: false,
            })
            .collect();
        let first = answer(dns, &vec![false; endpoints.len()], 0);
        Name { endpoints, named: 0, answers: vec![(f64::NEG_INFINITY, first)] }
    }
}

/// What the name answers when these endpoints are out.
fn answer(dns: &Dns, out: &[bool], named: usize) -> Vec<f64> {
    match &dns.record {
        Record::Failover(order) => (0..order.len()).map(|nth| if nth == named { 1.0 } else { 0.0 }).collect(),
        Record::Weighted(weighted) => {
            let none = out.iter().all(|&out| out);
            let each: Vec<f64> =
                weighted.iter().zip(out).map(|((_, weight), &out)| if none || !out { *weight } else { 0.0 }).collect();
            let sum: f64 = each.iter().sum();
            each.iter().map(|weight| weight / sum).collect()
        }
        Record::Latency(populations) => {
            // Endpoints are in the order of the first population.
            let regions = &populations[0].prefers;
            let none = out.iter().all(|&out| out);
            let mut shares = vec![0.0; out.len()];
            for population in populations {
                let mut wanted = population.prefers.iter().map(|region| regions.iter().position(|r| r == region));
                let nth = wanted.find_map(|nth| nth.filter(|nth| none || !out[*nth])).expect("an endpoint");
                shares[nth] += population.share.get();
            }
            shares
        }
    }
}

/// For a cohort: when after a change of the answer the first and the last client act on it, staleness aside where it has
/// no bound, and when nobody is left who did not.
pub fn times(cohort: &Cohort) -> (f64, f64, f64) {
    let ttl = cohort.ttl.get();
    match cohort.stale {
        Stale::None => (0.0, ttl, ttl),
        Stale::Fixed(extra) => (extra.get(), extra.get() + ttl, extra.get() + ttl),
        Stale::Exponential(mean) => (0.0, ttl, ttl + 45.0 * mean.get()),
    }
}

/// The share of a cohort that has acted on an answer which is `age` old, staleness exponential: the residual TTL is
/// uniform, and what is left after it is the probability that the extra time is over.
pub fn acted(age: f64, ttl: f64, mean: f64) -> f64 {
    if age <= 0.0 {
        return 0.0;
    }
    if age.is_infinite() {
        return 1.0;
    }
    let expired = age.min(ttl);
    let still_stale = mean * ((-(age - expired) / mean).exp() - (-age / mean).exp());
    (expired - still_stale) / ttl
}

/// The share of a cohort's clients that is at an endpoint at an instant.
fn cohort_at(answers: &[(f64, Vec<f64>)], cohort: &Cohort, index: usize, at: f64) -> f64 {
    let ttl = cohort.ttl.get();
    match cohort.stale {
        Stale::None => average(answers, index, at - ttl, at),
        Stale::Fixed(extra) => average(answers, index, at - extra.get() - ttl, at - extra.get()),
        Stale::Exponential(mean) => {
            let mut share = 0.0;
            for (nth, (since, values)) in answers.iter().enumerate() {
                let until = answers.get(nth + 1).map_or(f64::INFINITY, |next| next.0);
                let heard = acted(at - since, ttl, mean.get());
                share += values[index] * (heard - acted(at - until, ttl, mean.get()));
            }
            share
        }
    }
}

impl World<'_> {
    /// The share of all clients that send their requests to a region at an instant.
    pub fn clients_of(&self, dns: &Dns, region: RegionId, at: f64) -> f64 {
        let Some(name) = &self.name else {
            return 0.0;
        };
        let mut share = 0.0;
        for (index, endpoint) in name.endpoints.iter().enumerate() {
            if endpoint.region == region {
                for cohort in &dns.cohorts {
                    share += cohort.share.get() * cohort_at(&name.answers, cohort, index, at);
                }
            }
        }
        share
    }

    /// The name and its endpoints look around.
    pub fn react_name(&mut self) {
        let design = self.design;
        let Routing::Dns(dns) = &design.routing else {
            return;
        };
        if dns.check.is_none() {
            return;
        }
        for nth in 0..self.endpoints().len() {
            self.react_endpoint(dns, nth);
        }
        self.update_answer(dns);
    }

    fn endpoints(&mut self) -> &mut Vec<Endpoint> {
        &mut self.name.as_mut().expect("there is a name").endpoints
    }

    /// Whether an endpoint's checks fail now.
    fn endpoint_fails(&self, dns: &Dns, region: RegionId) -> bool {
        let deep = dns.check.as_ref().is_some_and(|check| check.deep);
        if deep {
            return !self.could_serve(region);
        }
        let groups = self.groups.iter().filter(|group| group.region == region);
        let zones: Vec<_> = groups.flat_map(|group| &group.zones).collect();
        self.region_down(region) || !zones.is_empty() && zones.iter().all(|zone| self.zone_down(**zone))
    }

    fn react_endpoint(&mut self, dns: &Dns, nth: usize) {
        let check = dns.check.as_ref().expect("the caller has seen to it");
        let region = self.endpoints()[nth].region;
        let fails = self.endpoint_fails(dns, region);
        if !fails && !self.endpoints()[nth].out {
            // What serves again before it is taken out is as if it had never failed.
            let endpoint = &mut self.endpoints()[nth];
            endpoint.seen_failing = false;
            if let Change::Coming(timer) = std::mem::replace(&mut endpoint.removal, Change::None) {
                self.cancel(Some(timer));
            }
        }
        if fails && self.endpoints()[nth].out {
            // What fails again before it is answered starts over.
            self.endpoints()[nth].seen_failing = true;
        }
        let endpoint = &self.endpoints()[nth];
        let (seen, probe) = (endpoint.seen_failing, endpoint.probe);
        let disagree = fails != seen;
        if let Some((timer, to_failing)) = probe
            && (!disagree || to_failing != fails)
        {
            self.cancel(Some(timer));
            self.endpoints()[nth].probe = None;
        }
        if disagree && self.endpoints()[nth].probe.is_none() {
            let delay = if fails { self.detection_delay(check) } else { self.recovery_delay(check) };
            let time = self.now + delay;
            let timer = self.schedule(time, "dns", nth as Id, Happening::Probe(nth));
            self.endpoints()[nth].probe = Some((timer, fails));
        }
        self.react_recall(dns, nth, fails);
        if self.global_control_plane_up() {
            if self.endpoints()[nth].removal == Change::Held {
                let timer = self.schedule(self.now, "dns", nth as Id, Happening::Change(nth));
                self.endpoints()[nth].removal = Change::Coming(timer);
            }
            if self.endpoints()[nth].recall == Change::Held {
                let timer = self.schedule(self.now, "dns", nth as Id, Happening::Return(nth));
                self.endpoints()[nth].recall = Change::Coming(timer);
            }
        }
    }

    /// Who is out and seen healthy again is let back in, as the policy has it; who fails meanwhile has to start again.
    fn react_recall(&mut self, dns: &Dns, nth: usize, fails: bool) {
        let everybody_out = self.endpoints().iter().all(|endpoint| endpoint.out);
        let endpoint = &self.endpoints()[nth];
        let recall = endpoint.recall;
        let wanted = endpoint.out && !endpoint.seen_failing && !fails;
        let delay = match (&dns.failback, &dns.record) {
            _ if everybody_out => Some(&ridethrough::law::Law::Fixed(0.0)),
            (Failback::Automatic(law) | Failback::Manual(law), _) => Some(law),
            (Failback::Never, _) => None,
        };
        let may_follow = dns.failback == Failback::Never && matches!(dns.record, Record::Failover(_)) && !everybody_out;
        match (wanted, recall) {
            // Nothing is published: it is answered when the one that is fails.
            (true, Change::None) if may_follow => {
                let up = self.global_control_plane_up();
                let endpoint = &mut self.endpoints()[nth];
                (endpoint.out, endpoint.recall) = if up { (false, Change::None) } else { (true, Change::Held) };
            }
            (true, Change::None) => {
                if let Some(law) = delay {
                    let time = self.now + self.draw(law) + self.draw(&dns.publish);
                    let timer = self.schedule(time, "dns", nth as Id, Happening::Return(nth));
                    self.endpoints()[nth].recall = Change::Coming(timer);
                }
            }
            (false, Change::Coming(timer)) => {
                self.cancel(Some(timer));
                self.endpoints()[nth].recall = Change::None;
            }
            (false, Change::Held) => self.endpoints()[nth].recall = Change::None,
            _ => {}
        }
    }

    /// A check changes its mind about an endpoint.
    pub fn probe_verdict(&mut self, nth: usize) {
        let design = self.design;
        let Routing::Dns(dns) = &design.routing else {
            return;
        };
        let region = self.endpoints()[nth].region;
        let fails = self.endpoint_fails(dns, region);
        self.endpoints()[nth].probe = None;
        self.endpoints()[nth].seen_failing = fails;
        if fails && !self.endpoints()[nth].out {
            let decided = if self.random.chance(dns.coverage.get()) {
                self.decide(&dns.decision)
            } else {
                self.decide(&dns.manual)
            };
            let time = self.now + decided + self.draw(&dns.publish);
            let timer = self.schedule(time, "dns", nth as Id, Happening::Change(nth));
            self.endpoints()[nth].removal = Change::Coming(timer);
        }
        if !fails && let Change::Coming(timer) = self.endpoints()[nth].removal {
            self.cancel(Some(timer));
        }
        if !fails {
            self.endpoints()[nth].removal = Change::None;
        }
    }

    /// An endpoint is taken out of the answer, if it still fails and answers can be changed.
    pub fn change_ready(&mut self, nth: usize) {
        let design = self.design;
        let Routing::Dns(dns) = &design.routing else {
            return;
        };
        if !self.global_control_plane_up() {
            self.endpoints()[nth].removal = Change::Held;
            return;
        }
        let region = self.endpoints()[nth].region;
        let fails = self.endpoint_fails(dns, region);
        let endpoint = &mut self.endpoints()[nth];
        endpoint.removal = Change::None;
        endpoint.out = fails;
        if self.endpoints().iter().all(|endpoint| endpoint.out) {
            self.let_in_who_waits(dns);
        }
    }

    /// Nobody is left: who was seen healthy and only waits for a failback, if for ever, comes in with the same change.
    fn let_in_who_waits(&mut self, dns: &Dns) {
        for nth in 0..self.endpoints().len() {
            let region = self.endpoints()[nth].region;
            if !self.endpoints()[nth].seen_failing && !self.endpoint_fails(dns, region) {
                if let Change::Coming(timer) = std::mem::replace(&mut self.endpoints()[nth].recall, Change::None) {
                    self.cancel(Some(timer));
                }
                self.endpoints()[nth].out = false;
            }
        }
    }

    /// An endpoint is let back into the answer, if answers can be changed.
    pub fn return_ready(&mut self, nth: usize) {
        if !self.global_control_plane_up() {
            self.endpoints()[nth].recall = Change::Held;
            return;
        }
        let endpoint = &mut self.endpoints()[nth];
        endpoint.recall = Change::None;
        endpoint.out = false;
    }

    fn update_answer(&mut self, dns: &Dns) {
        let now = self.now;
        let name = self.name.as_mut().expect("there is a name");
        let out: Vec<bool> = name.endpoints.iter().map(|endpoint| endpoint.out).collect();
        if dns.failback != Failback::Never || out[name.named] {
            name.named = out.iter().position(|&out| !out).unwrap_or(0);
        }
        let told = answer(dns, &out, name.named);
        if name.answers.last().map(|last| &last.1) != Some(&told) {
            name.answers.push((now, told));
        }
    }
}
