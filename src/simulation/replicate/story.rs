//! The story of a stretch of a history: what everything looks like after each event, and how much is lost until the next.

use super::Replica;
use crate::engine::ledger::STAGES;
use crate::mechanism::world::Condition;
use crate::model::Design;
use crate::simulation::compile::Plan;

/// While shares of DNS move, what is lost is looked at so many times at least between two events.
const PIECES: u32 = 24;

/// The clock of incidents is behind by a sum of times, which is rounded (s).
const ROUNDING: f64 = 1e-6;

/// A moment of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When (s since the start of the history, without time that is excluded).
    pub at: f64,
    /// What has changed, and what it is like now; nothing while only DNS caches drain.
    pub changes: Vec<(String, String)>,
    /// Share of the usual demand that is lost from here to the next moment, on average, by stage.
    pub lost: [f64; STAGES],
    /// Names of the failure modes behind it.
    pub causes: Vec<String>,
}

impl Replica {
    /// Tells one history from `from` to `to` (s, by the clock of incidents, which stands still while time is excluded), and simulates it to
    /// the end of that stretch. The first moment has all that does not look as it does at rest.
    pub fn tell(
        &mut self,
        design: &Design,
        plan: &Plan,
        (seed, replication): (u64, u64),
        (from, to): (f64, f64),
    ) -> Vec<Moment> {
        let mut moments = Vec::new();
        self.restart(plan, seed, replication);
        let mut before = self.looks(design, plan);
        let mut warm = plan.warm_up == 0.0;
        loop {
            if !warm && self.world.calendar.peek().is_none_or(|event| event.time() >= plan.warm_up) {
                self.warm_up_ends(plan);
                warm = true;
            }
            let behind = self.ledger.behind();
            // What is excluded is not told, and does not end the story.
            let (from, end) = behind.map_or((f64::INFINITY, f64::INFINITY), |behind| (from + behind, to + behind));
            let end = end.min(self.world.end);
            let next = self.world.calendar.peek().map_or(f64::INFINITY, |event| event.time());
            // What happens at one instant is told at once.
            if next > from + ROUNDING && next > self.world.now {
                let now = self.world.now.max(from);
                let after = self.looks(design, plan);
                let already = moments.len();
                self.tell_until(plan, now, next.min(end), differing(&before, &after), &mut moments);
                moments[already..].iter_mut().for_each(|moment| moment.at -= behind.unwrap_or(0.0));
                before = after;
            }
            let Some(event) = self.world.calendar.peek().filter(|_| next <= end) else { return moments };
            self.world.calendar.pop();
            self.world.now = event.time();
            // What fails unnoticed is worked off up to here and no further, so that the story has it.
            self.world.until = self.world.now;
            if self.is_moving() {
                self.account(plan, event.time());
            }
            self.turn(plan, event);
            self.follow(plan);
        }
    }

    /// Tells what is lost until the next event, by a copy, so that the history itself stays what it is.
    fn tell_until(&self, plan: &Plan, now: f64, next: f64, changes: Vec<(String, String)>, told: &mut Vec<Moment>) {
        let pieces = if self.is_moving() { PIECES } else { 1 };
        let mut copy = self.clone();
        copy.account(plan, now);
        let mut changes = Some(changes);
        for piece in 0..pieces {
            let width = (next - now) / f64::from(pieces);
            let at = now + f64::from(piece) * width;
            let lost_before: Vec<[f64; STAGES]> = copy.ledger.lost().to_vec();
            copy.account(plan, if piece + 1 == pieces { next } else { at + width });
            let (mut stages, mut modes) = ([0.0; STAGES], 0);
            for (cause, lost) in copy.ledger.lost().iter().enumerate() {
                let known = lost_before.get(cause).copied().unwrap_or_default();
                for (stage, sum) in stages.iter_mut().enumerate() {
                    let seconds = lost[stage] - known[stage];
                    *sum += seconds;
                    modes |= if seconds > 0.0 { copy.ledger.causes()[cause] } else { 0 };
                }
            }
            told.push(Moment {
                at,
                changes: changes.take().unwrap_or_default(),
                lost: stages.map(|seconds| if width > 0.0 { seconds / width } else { 0.0 }),
                causes: plan.names_of(modes),
            });
        }
    }

    /// What everything looks like: what it is, and what it is like.
    fn looks(&self, design: &Design, plan: &Plan) -> Vec<(String, String)> {
        let mut looks = Vec::new();
        let places = &self.world.places;
        let mut place = |name: String, condition: &Condition| {
            let what = if condition.is_up() {
                "up".to_owned()
            } else {
                format!("down: {}", plan.names_of(condition.modes).join(", "))
            };
            looks.push((name, what));
        };
        place("everything".to_owned(), &places.global);
        design.regions.iter().zip(&places.regions).for_each(|(it, c)| place(format!("region {}", it.name), c));
        design.zones.iter().zip(&places.zones).for_each(|(it, c)| place(format!("zone {}", it.name), c));
        let planes = design.regions.iter().zip(&places.control_planes);
        planes.for_each(|(it, c)| place(format!("control plane of {}", it.name), c));
        place("global control plane".to_owned(), &places.global_control_plane);
        for (fleet, its_plan) in self.fleets.iter().zip(&plan.fleets) {
            let name = its_plan.name.trim_start_matches("tier/").replacen('/', " in ", 1);
            looks.push((format!("tier {name}"), fleet.words(its_plan)));
        }
        for ((database, its_plan), known) in self.databases.iter().zip(&plan.databases).zip(&design.databases) {
            looks.push((format!("database {}", known.name), database.words(its_plan)));
        }
        for (dependency, known) in self.dependencies.iter().zip(&design.dependencies) {
            looks.push((format!("dependency {}", known.name), dependency.words()));
        }
        if let (Some(dns), Some(its_plan)) = (&self.dns, &plan.dns) {
            for (region, words) in its_plan.regions.iter().zip(dns.words()) {
                looks.push((format!("DNS endpoint {}", design.regions[*region].name), words.to_owned()));
            }
        }
        for (change, known) in self.changes.iter().zip(&design.changes) {
            looks.push((format!("change {}", known.name), change.words()));
        }
        looks
    }
}

/// What looks otherwise than before.
fn differing(before: &[(String, String)], after: &[(String, String)]) -> Vec<(String, String)> {
    before.iter().zip(after).filter(|(before, after)| before != after).map(|(_, after)| after.clone()).collect()
}
