//! Health checks and load balancers.

use super::laws::share;
use ridethrough::law::Law;
use ridethrough::model::{HealthCheck, LoadBalancer, ZonalShift};
use ridethrough::units::{Fraction, Seconds};

/// A health check with delays of these laws.
pub fn checked_after(detection: Law, recovery: Law) -> HealthCheck {
    HealthCheck { detection: Some(detection), recovery: Some(recovery), ..checked_every(30.0, 2, 5) }
}

/// A deep health check by the rule: an interval, failures in a row to be out, successes in a row to be back, a timeout of 5 s.
pub fn checked_every(interval: f64, failures: u32, successes: u32) -> HealthCheck {
    HealthCheck {
        interval: Seconds(interval),
        timeout: Seconds(5.0),
        unhealthy_threshold: failures,
        healthy_threshold: successes,
        deep: true,
        false_positive: Fraction::ZERO,
        detection: None,
        recovery: None,
    }
}

/// The same check, that does not see a hang (of a region: only sees the region and its zones).
pub fn shallow(check: HealthCheck) -> HealthCheck {
    HealthCheck { deep: false, ..check }
}

/// A load balancer whose nodes reach targets in all zones and leave the answer at once.
pub fn balancer(check: HealthCheck) -> LoadBalancer {
    LoadBalancer { check, cross_zone: true, zone_ttl: Seconds(0.0), zonal_shift: None, overload: None }
}

/// A load balancer whose nodes reach the targets of their own zone, and whose addresses clients keep for up to `zone_ttl`.
pub fn zonal_balancer(check: HealthCheck, zone_ttl: f64) -> LoadBalancer {
    LoadBalancer { check, cross_zone: false, zone_ttl: Seconds(zone_ttl), zonal_shift: None, overload: None }
}

/// The same check, which fails of a healthy target with this probability.
pub fn erring(check: HealthCheck, probability: f64) -> HealthCheck {
    HealthCheck { false_positive: share(probability), ..check }
}

/// The same load balancer, in front of units that fail their checks above this many times their capacity.
pub fn straining(balancer: LoadBalancer, limit: f64) -> LoadBalancer {
    LoadBalancer { overload: Some(limit), ..balancer }
}

/// The same load balancer, from whose impaired zones people move the traffic away.
pub fn shifted(balancer: LoadBalancer, shift: ZonalShift) -> LoadBalancer {
    LoadBalancer { zonal_shift: Some(shift), ..balancer }
}
