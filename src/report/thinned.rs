//! A distribution with fewer points.

/// At most `most` points (at least 3) of a rising curve of values and shares: the first, the last, and between them about equal steps of
/// -log(1 - share). The last 10 %, the last 1 % and so on get as many as each other.
pub(super) fn thinned(curve: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let [first, .., before_last, _] = curve.as_slice() else { return curve };
    if curve.len() <= most {
        return curve;
    }
    let height = |point: &(f64, f64)| -libm::log1p(-point.1);
    let step = (height(before_last) - height(first)) / (most - 3) as f64;
    let last = curve.len() - 1;
    let mut next = f64::NEG_INFINITY;
    (curve.iter().enumerate())
        .filter(|(place, point)| {
            let kept = *place == last || height(point) >= next;
            if kept {
                next = height(point) + step;
            }
            kept
        })
        .map(|(_, point)| *point)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_and_the_tail_are_kept() {
        let curve: Vec<(f64, f64)> = (1..=5_000).map(|place| (f64::from(place), f64::from(place) / 5_000.0)).collect();
        let thin = thinned(curve, 64);
        assert!((40..=64).contains(&thin.len()), "{} points", thin.len());
        assert_eq!((thin[0].0, thin[thin.len() - 1]), (1.0, (5_000.0, 1.0)));
        // Steps are log(5000) / 61 high. The last seven values are further apart than that; from there back to the first of the last
        // hundredth, the 50th, are log(50 / 7), 14 steps.
        let tail = thin.iter().filter(|(_, share)| *share > 0.99).count();
        assert!((17..=23).contains(&tail), "{tail} points in the last hundredth");
    }

    #[test]
    fn a_short_curve_is_left_alone() {
        for length in 0..=64 {
            let curve: Vec<(f64, f64)> =
                (1..=length).map(|place| (f64::from(place), f64::from(place) / f64::from(length))).collect();
            assert_eq!(thinned(curve.clone(), 64), curve);
        }
    }
}
