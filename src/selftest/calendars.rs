//! Maintenance and excluded time, demand by hours, service hours. A history begins on a Monday at 00:00.

use super::check::Metric::{
    Downtime, Excluded, Incidents, Judged, Lost, LostTo, ObjectiveMetSeen, OpenIncidents, RecoveryMax, Unavailability,
};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachUnit, OneRegion, Service, WholeTier};
use super::design::{DAY, HOUR, World, daily, failover, fixed, never, part, pool, world};
use ridethrough::model::Hours;

/// A unit that is down from 10 h to 14 h, 24 h to 28 h, 38 h to 42 h, ...
fn unit(horizon: f64) -> World {
    let unit = world(horizon * HOUR).region("r", &["a"]).tier(pool("t", 1));
    unit.fails("f", EachUnit("t"), fixed(10.0 * HOUR), fixed(4.0 * HOUR))
}

/// Excluded windows of a control plane, which by itself costs nothing.
fn windows(horizon: f64, first: f64, length: f64) -> World {
    unit(horizon).maintained(ControlPlane("r"), first * HOUR, length * HOUR)
}

fn windows_come_by_the_calendar() -> Vec<Case> {
    // Sunday 03:00 is 6 d 3 h after the beginning; ten windows of an hour begin before day 70, the last one at 69 d 3 h.
    let sundays = |excluded| {
        let unit = world(70.0 * DAY).region("r", &["a"]).tier(pool("t", 1));
        unit.maintained_every(7.0 * DAY, WholeTier("t", "r"), 6.0 * DAY + 3.0 * HOUR, HOUR, excluded)
    };
    // Windows of 5 h every 2 h: the next begins at the first even hour after the end. From 2 to 7, 8 to 13, 14 to 19, 20 to 24.
    let long = world(24.0 * HOUR).region("r", &["a"]).tier(pool("t", 1));
    let long = long.maintained_every(2.0 * HOUR, WholeTier("t", "r"), 2.0 * HOUR, 5.0 * HOUR, false);
    let mail = world(70.0 * DAY).region("r", &["a"]).tier(pool("t", 1)).soft_dependency("mail", 0.2);
    let mail = mail.maintained_every(7.0 * DAY, Service("mail"), 6.0 * DAY, HOUR, false);
    table([
        case("a dependency every Sunday", mail).exactly(Lost, 10.0 * 0.2 * HOUR, "a fifth of ten hours"),
        case("every Sunday, excluded", sundays(true))
            .exactly(Lost, 0.0, "nothing counts")
            .exactly(Incidents, 0.0, "nothing counts")
            .exactly(Excluded, 10.0 * HOUR, "ten hours"),
        case("every Sunday, counted", sundays(false))
            .exactly(Lost, 10.0 * HOUR, "ten hours")
            .exactly(LostTo("window"), 10.0 * HOUR, "its own cause")
            .exactly(Incidents, 10.0, "ten"),
        case("windows longer than their interval", long).exactly(Lost, 19.0 * HOUR, "5 + 5 + 5 + 4").exactly(
            OpenIncidents,
            1.0,
            "the last one",
        ),
    ])
}

fn excluded_time_is_cut_out() -> Vec<Case> {
    let down = windows(20.0, 12.0, 1.0);
    table([
        case("a window within an incident", down.clone())
            .exactly(Unavailability, 3.0 / 19.0, "10 h to 12 h and 13 h to 14 h, of 19 h")
            .exactly(Downtime, 3.0 / 19.0, "the same")
            .exactly(Incidents, 20.0 / 19.0, "one in 19 h, so in 20 h that count")
            .exactly(RecoveryMax, 3.0 * HOUR, "without the window")
            .exactly(Excluded, HOUR, "12 h to 13 h"),
        case("a window in which an incident begins", windows(20.0, 9.0, 2.0))
            .exactly(Unavailability, 3.0 / 18.0, "11 h to 14 h")
            .exactly(RecoveryMax, 3.0 * HOUR, "from the end of the window"),
        case("a window in which an incident ends", windows(20.0, 13.0, 2.0))
            .exactly(Unavailability, 3.0 / 18.0, "10 h to 13 h")
            .exactly(RecoveryMax, 3.0 * HOUR, "to the beginning of the window"),
        case("a window around an incident", windows(20.0, 9.0, 6.0))
            .exactly(Unavailability, 0.0, "nothing counts")
            .exactly(Incidents, 0.0, "wholly inside")
            .exactly(Excluded, 4.0 * HOUR, "10 h to 14 h"),
        case("a window that begins and ends with an incident", windows(20.0, 10.0, 4.0))
            .exactly(Unavailability, 0.0, "nothing counts")
            .exactly(Incidents, 0.0, "wholly inside"),
        // 10 h to 13 h, then the window, then 25 h to 28 h: on the clock that stands in the window, 10 h to 16 h.
        case("a window between two incidents", windows(30.0, 13.0, 12.0))
            .exactly(Unavailability, 6.0 / 18.0, "3 h and 3 h of 18 h")
            .exactly(Incidents, 30.0 / 18.0, "nothing is left between them: one in 18 h")
            .exactly(RecoveryMax, 6.0 * HOUR, "on the clock that stands"),
        case("a window around the end of the warm-up", down.warming_up(12.5 * HOUR))
            .exactly(Unavailability, 1.0 / 7.0, "13 h to 14 h, of 13 h to 20 h")
            .exactly(RecoveryMax, HOUR, "what is left of it")
            .exactly(Excluded, 0.5 * HOUR, "12.5 h to 13 h"),
        case("a window around the end", windows(26.0, 18.0, 12.0))
            .exactly(Unavailability, 4.0 / 18.0, "10 h to 14 h, of 18 h")
            .exactly(OpenIncidents, 0.0, "what is open then does not count"),
        case("an incident open at the end, after a window", windows(26.0, 18.0, 2.0))
            .exactly(Unavailability, 6.0 / 24.0, "4 h and 2 h of 24 h")
            .exactly(OpenIncidents, 1.0, "24 h to 26 h"),
        // Budget 2/18 of 18 h is 2 h.
        case("the objective without the windows", windows(20.0, 12.0, 2.0).wanting(1.0 - 2.0 / 18.0)).exactly(
            Judged,
            1.0 - 2.0 / 18.0,
            "10 h to 12 h, of 18 h",
        ),
    ])
}

fn losses_weigh_as_the_demand() -> Vec<Case> {
    // Down 10 to 11 and 21 to 22 o'clock on the first day.
    let unit = || {
        let unit = world(DAY).region("r", &["a"]).tier(pool("t", 1));
        unit.fails("f", EachUnit("t"), fixed(10.0 * HOUR), fixed(HOUR))
    };
    let peak = || unit().busier(daily(8.0 * HOUR, 16.0 * HOUR), 3.0);
    let tight = world(DAY).region("r", &["a"]).tier(pool("t", 2).capacity(60.0));
    // The region goes at one minute to ten: 30 s until seen, then clients leave over 60 s, of which 30 s fall before ten o'clock. Lost are 30 s and
    // 22.5 s at the usual demand, and 7.5 s at the threefold one.
    let drain = world(DAY).region("r", &["a"]).region("s", &["b"]).tier(pool("t", 2));
    let drain = drain.stack("r", &part("t")).stack("s", &part("t")).found_by(failover(["r", "s"], 60.0));
    let drain = drain.fails("f", OneRegion("r"), fixed(10.0 * HOUR - 60.0), never());
    table([
        case("an outage at the peak and one outside", peak())
            .exactly(Unavailability, 4.0 / 40.0, "3 + 1 of 8 x 3 + 16")
            .exactly(LostTo("f"), 0.1 * DAY, "all of it")
            .exactly(Downtime, 2.0 / 24.0, "time is not weighted")
            .exactly(Incidents, 2.0, "two"),
        case("the same after a warm-up of 9 h", peak().warming_up(9.0 * HOUR)).exactly(
            Unavailability,
            4.0 / 29.0,
            "3 + 1 of 7 x 3 + 8: the calendar does not begin anew",
        ),
        case("where hours overlap the last one holds", peak().busier(daily(10.0 * HOUR, 12.0 * HOUR), 2.0)).exactly(
            Unavailability,
            3.0 / 38.0,
            "2 + 1 of 6 x 3 + 2 x 2 + 16",
        ),
        case("no demand at night", unit().busier(daily(20.0 * HOUR, 24.0 * HOUR), 0.0))
            .exactly(Unavailability, 1.0 / 20.0, "nobody asks from 20 to 24 o'clock")
            .exactly(Downtime, 2.0 / 24.0, "it is down all the same"),
        // Two units serve 120 of 100 per second, but only 120 of 150 in the second half of the day.
        case("capacity is short at the peak only", tight.busier(daily(12.0 * HOUR, 24.0 * HOUR), 1.5))
            .exactly(Unavailability, 30.0 / 250.0, "30 of 100 + 150")
            .exactly(Downtime, 0.5, "a fifth is lost from noon on")
            .exactly(OpenIncidents, 1.0, "to midnight"),
        case("a drain into the peak", drain.busier(daily(10.0 * HOUR, 24.0 * HOUR), 3.0)).exactly(
            Unavailability,
            75.0 / (52.0 * HOUR),
            "30 + 22.5 + 3 x 7.5 s, of 10 + 14 x 3 h",
        ),
        case("a peak in an excluded window", peak().maintained(ControlPlane("r"), 10.0 * HOUR, 2.0 * HOUR))
            .exactly(Unavailability, 1.0 / 34.0, "1 of 40 - 6")
            .exactly(Excluded, 3.0 * HOUR * 24.0 / 40.0, "an hour of threefold demand, of 40 such hours a day"),
    ])
}

fn only_service_hours_are_judged() -> Vec<Case> {
    let unit = |days: f64| {
        let unit = world(days * DAY).region("r", &["a"]).tier(pool("t", 1));
        unit.fails("f", EachUnit("t"), fixed(10.0 * HOUR), fixed(HOUR))
    };
    let office = daily(8.0 * HOUR, 18.0 * HOUR);
    let tuesday = Hours { days: [false, true, false, false, false, false, false], ..office };
    table([
        case("an hour of ten, allowed", unit(1.0).judged_in(office).wanting(0.9))
            .exactly(Judged, 0.9, "10 to 11, of 8 to 18 o'clock")
            .exactly(Unavailability, 2.0 / 24.0, "what is not judged is lost all the same"),
        case("an hour of ten, too much", unit(1.0).judged_in(office).wanting(0.91)).exactly(
            ObjectiveMetSeen,
            0.0,
            "missed",
        ),
        // Down from 32 h to 33 h and from 43 h to 44 h on Tuesday.
        case("on Tuesdays", unit(2.0).judged_in(tuesday).wanting(0.9)).exactly(Judged, 0.9, "8 to 9 o'clock"),
        case("at the peak", unit(1.0).judged_in(office).wanting(0.9).busier(daily(10.0 * HOUR, 12.0 * HOUR), 2.0))
            .exactly(Judged, 1.0 - 2.0 / 12.0, "2 of 8 + 2 x 2"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [windows_come_by_the_calendar(), excluded_time_is_cut_out(), losses_weigh_as_the_demand(), only_service_hours_are_judged()].concat()
}
