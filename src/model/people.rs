//! Who decides, and when people are there to do it.

use crate::law::Law;
use crate::units::Seconds;

/// Length of a week (s).
const WEEK: f64 = 7.0 * DAY;
const DAY: f64 = 86_400.0;

/// How long a decision takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// As long as this, whenever it falls.
    After(Law),
    /// People on call take it.
    OnCall(OnCall),
}

/// People on call: they acknowledge, then decide; outside of their working hours that takes longer.
#[derive(Debug, Clone, PartialEq)]
pub struct OnCall {
    /// From the page until somebody looks.
    pub acknowledge: Law,
    /// From then until the decision.
    pub decide: Law,
    /// When people are at work; none if the hour makes no difference.
    pub hours: Option<WorkingHours>,
}

/// Hours of the week in which people are at work. A history starts on a Monday at 00:00.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkingHours {
    /// Time of day at which they begin (s), below a day.
    pub from: Seconds,
    /// Time of day at which they end (s), at most a day; where it is not after `from`, on the next day.
    pub to: Seconds,
    /// The days on which they begin, Monday first.
    pub days: [bool; 7],
    /// What a page outside of them takes in addition.
    pub outside: Law,
}

impl WorkingHours {
    /// Whether people are at work at an instant of the history (s).
    #[must_use]
    pub fn hold_at(&self, time: f64) -> bool {
        let in_week = time.rem_euclid(WEEK);
        let day = ((in_week / DAY) as usize).min(6);
        let of_day = in_week - day as f64 * DAY;
        let (from, to) = (self.from.0, self.to.0);
        if from < to {
            return self.days[day] && from <= of_day && of_day < to;
        }
        self.days[day] && from <= of_day || self.days[(day + 6) % 7] && of_day < to
    }

    /// Share of the week in which they hold.
    #[must_use]
    pub fn share(&self) -> f64 {
        let length = self.to.0 - self.from.0;
        let length = if length > 0.0 { length } else { length + DAY };
        self.days.iter().filter(|day| **day).count() as f64 * length / WEEK
    }
}

impl Decision {
    /// Mean (s), at an instant of the week that is as likely as any other.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Decision::After(law) => law.mean(),
            Decision::OnCall(people) => {
                let outside = people.hours.as_ref().map_or(0.0, |hours| match 1.0 - hours.share() {
                    0.0 => 0.0,
                    share => share * hours.outside.mean(),
                });
                people.acknowledge.mean() + people.decide.mean() + outside
            }
        }
    }

    /// The decision with every duration multiplied by `k`; working hours stay what they are.
    #[must_use]
    pub fn scaled(&self, k: f64) -> Decision {
        match self {
            Decision::After(law) => Decision::After(law.scaled(k)),
            Decision::OnCall(people) => Decision::OnCall(OnCall {
                acknowledge: people.acknowledge.scaled(k),
                decide: people.decide.scaled(k),
                hours: (people.hours.as_ref())
                    .map(|hours| WorkingHours { outside: hours.outside.scaled(k), ..hours.clone() }),
            }),
        }
    }
}

impl From<Law> for Decision {
    fn from(law: Law) -> Decision {
        Decision::After(law)
    }
}

impl From<OnCall> for Decision {
    fn from(people: OnCall) -> Decision {
        Decision::OnCall(people)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600.0;

    fn hours(from: f64, to: f64, days: [bool; 7]) -> WorkingHours {
        WorkingHours { from: Seconds(from * HOUR), to: Seconds(to * HOUR), days, outside: Law::Fixed(0.0) }
    }

    const WEEKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

    #[test]
    fn office_hours() {
        let office = hours(8.0, 18.0, WEEKDAYS);
        for (time, holds) in [(7.99, false), (8.0, true), (17.99, true), (18.0, false), (4.0 * 24.0 + 12.0, true)] {
            assert_eq!(office.hold_at(time * HOUR), holds, "{time}");
        }
        assert!(!office.hold_at((5.0 * 24.0 + 12.0) * HOUR), "a Saturday");
        assert!(office.hold_at((7.0 * 24.0 + 12.0) * HOUR), "the second Monday");
        assert!((office.share() - 50.0 / 168.0).abs() < 1e-15);
    }

    #[test]
    fn a_night_shift_ends_on_the_next_day() {
        let night = hours(22.0, 6.0, [false, false, false, false, false, false, true]);
        assert!(night.hold_at((6.0 * 24.0 + 23.0) * HOUR), "Sunday night");
        assert!(night.hold_at(5.0 * HOUR), "the Monday morning after it");
        assert!(!night.hold_at((6.0 * 24.0 + 5.0) * HOUR), "Sunday morning belongs to Saturday");
        assert!((night.share() - 8.0 / 168.0).abs() < 1e-15);
    }

    #[test]
    fn the_whole_week() {
        let always = hours(0.0, 24.0, [true; 7]);
        assert!((0..168).all(|hour| always.hold_at(f64::from(hour) * HOUR)));
        assert!((always.share() - 1.0).abs() < 1e-15);
    }
}
